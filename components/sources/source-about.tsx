"use client";

import Link from "next/link";
import { type ReactNode, useState } from "react";
import { formatCount, formatDuration, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceView } from "#lib/contracts/source";
import { Sparkline } from "../charts/sparkline.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Card } from "../ui/card.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";
import { HowToSend } from "./how-to-send.tsx";
import { SigningKeys } from "./signing-keys.tsx";
import { useSource } from "./source-frame.tsx";
import { sourceKind } from "./source-kinds.tsx";

/** Is the source heard, which keys does it use, and how does one send? */
export function SourceAbout({ sourceId }: { sourceId: string }) {
  const source = useSource(sourceId);
  return source && <About source={source} />;
}

function About({ source }: { source: SourceView }) {
  const [creating, setCreating] = useState(false);
  const reason = useDisabledReason("source:manage");
  const noNewKey = reason ?? (source.disabledAt === null ? null : "The source is disabled.");
  return (
    <div className="mt-3 grid grid-cols-1 gap-3 lg:grid-cols-3">
      <Card title="Traffic" className="lg:col-span-1">
        <Traffic source={source} />
      </Card>
      <Card title="How to send" className="lg:col-span-2">
        <HowToSend kind={source.kind} id={source.id} />
      </Card>
      <Card
        title="API keys"
        flush
        className="lg:col-span-3"
        actions={
          <GuardedButton size="sm" reason={noNewKey} onClick={() => setCreating(true)}>
            Create API key
          </GuardedButton>
        }
      >
        <ApiKeys sourceId={source.id} keys={source.apiKeys} reason={reason} />
      </Card>
      <Card title="Public keys" flush className="lg:col-span-3">
        <SigningKeys sourceId={source.id} keys={source.keys} needed={sourceKind(source.kind).needsKeys} />
      </Card>
      <CreateKeyDialog sourceId={source.id} open={creating} onOpenChange={setCreating} />
    </div>
  );
}

function Traffic({ source }: { source: SourceView }) {
  const { lastReceivedAt, last24h, hourly, nodes, name, staleAfterMs, acceptPastMs, acceptFutureMs } = source;
  return (
    <div className="flex flex-col gap-3">
      <Sparkline
        values={hourly}
        width={280}
        height={48}
        label={`${formatPlural(last24h.accepted, "event")} accepted in the last 24 hours`}
      />
      <p className="label -mt-2 flex max-w-[280px] justify-between" aria-hidden>
        <span>24 h ago</span>
        <span>now</span>
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <Fact name="Last received">
          {lastReceivedAt === null ? "never" : <Timestamp iso={lastReceivedAt} />}
        </Fact>
        <Fact name="Accepted, 24 h">{formatCount(last24h.accepted)}</Fact>
        <Fact name="Duplicates, 24 h">{formatCount(last24h.duplicate)}</Fact>
        <Fact name="Rejected, 24 h">{formatCount(last24h.rejected)}</Fact>
        <Fact name="Nodes">
          <Link href={paths.nodes({ q: `source:"${name.replaceAll('"', "")}"` })} className="link">
            {formatCount(nodes)}
          </Link>
        </Fact>
        <Fact name="Stale after">
          {staleAfterMs === null ? "no expected cadence" : formatDuration(staleAfterMs)}
        </Fact>
        <Fact name="Accepts">
          up to {formatDuration(acceptPastMs)} old, {formatDuration(acceptFutureMs)} ahead
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="label leading-5">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
