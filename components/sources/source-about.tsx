"use client";

import { type ReactNode, useState } from "react";
import { formatCount, formatDuration, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceView } from "#lib/contracts/source";
import { Sparkline } from "../charts/sparkline.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { ShownClock, TimeLink } from "../shell/time-travel.tsx";
import { Card } from "../ui/card.tsx";
import { useReferenceNow } from "../ui/clock.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";
import { FindingList } from "./finding-list.tsx";
import { HowToSend } from "./how-to-send.tsx";
import { LimitDialog } from "./limit-dialog.tsx";
import { cadenceWords, limitWords, skewWords } from "./limit-words.ts";
import { PrepareKeyDialog } from "./prepare-key-dialog.tsx";
import { SigningKeys } from "./signing-keys.tsx";
import { SourceEnrolment } from "./source-enrolment.tsx";
import { useSource } from "./source-frame.tsx";
import { sourceKind } from "./source-kinds.tsx";

/** Is the source heard, which keys does it use, and how does one send? */
export function SourceAbout({ sourceId }: { sourceId: string }) {
  const source = useSource(sourceId);
  return (
    source && (
      <ShownClock>
        <About source={source} />
      </ShownClock>
    )
  );
}

function About({ source }: { source: SourceView }) {
  const [creating, setCreating] = useState(false);
  const [limiting, setLimiting] = useState(false);
  const [preparing, setPreparing] = useState(false);
  const reason = useDisabledReason("source:manage");
  const noNewKey = reason ?? (source.disabledAt === null ? null : "The source is disabled.");
  return (
    <div className="mt-3 grid grid-cols-1 gap-3 lg:grid-cols-3">
      <Card title="Findings" flush className="lg:col-span-3">
        <FindingList sourceId={source.id} />
      </Card>
      <Card
        title="Freshness"
        className="lg:col-span-1"
        actions={
          <GuardedButton size="sm" reason={reason} onClick={() => setLimiting(true)}>
            Change limit
          </GuardedButton>
        }
      >
        <Freshness source={source} />
      </Card>
      <Card title="Traffic" className="lg:col-span-1">
        <Traffic source={source} />
      </Card>
      <Card title="How to send" className="lg:col-span-1">
        <HowToSend kind={source.kind} id={source.id} />
      </Card>
      <Card title="New nodes" className="lg:col-span-3">
        <SourceEnrolment source={source} />
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
      <Card
        title="Signing keys"
        flush
        className="lg:col-span-3"
        actions={
          <GuardedButton size="sm" reason={reason} onClick={() => setPreparing(true)}>
            Prepare key
          </GuardedButton>
        }
      >
        <SigningKeys
          sourceId={source.id}
          keys={source.keys}
          needed={sourceKind(source.kind).needsKeys}
          reason={reason}
        />
      </Card>
      <LimitDialog source={source} open={limiting} onOpenChange={setLimiting} />
      <PrepareKeyDialog
        sourceId={source.id}
        kind={source.kind}
        open={preparing}
        onOpenChange={setPreparing}
      />
      <CreateKeyDialog sourceId={source.id} open={creating} onOpenChange={setCreating} />
    </div>
  );
}

function Freshness({ source }: { source: SourceView }) {
  const nowMs = useReferenceNow();
  const { lastReceivedAt, lastHeardAt, nextDueAt, limit, skew, futureRefused, lastError, keyState } = source;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      <Fact name="Lag">
        {lastReceivedAt === null ? "never received" : formatDuration(nowMs - Date.parse(lastReceivedAt))}
      </Fact>
      <Fact name="Newest evidence">{lastHeardAt === null ? "none" : <Timestamp iso={lastHeardAt} />}</Fact>
      <Fact name="Next due">
        {nextDueAt === null ? "not known" : <Timestamp iso={nextDueAt} absolute />}
        {nextDueAt !== null && Date.parse(nextDueAt) < nowMs && " (overdue)"}
      </Fact>
      <Fact name="Cadence">{cadenceWords(limit)}</Fact>
      <Fact name="Silence limit">
        {limitWords(limit)}
        {limit.mode === "learnt" && limit.floorMs !== null && limit.capMs !== null && (
          <span className="block text-small text-muted">
            {limit.factor} × cadence, {formatDuration(limit.floorMs)} to {formatDuration(limit.capMs)}
          </span>
        )}
      </Fact>
      <Fact name="Clock">
        {skewWords(skew)}
        {futureRefused > 0 && (
          <span className="block text-small text-muted">
            {formatPlural(futureRefused, "message")} from the future refused, 24 h
          </span>
        )}
      </Fact>
      <Fact name="Signing keys">
        {keyState.exhausted ? "none usable" : formatCount(keyState.usable)}
        {keyState.soonestEndAt !== null && (
          <>
            , first ends <Timestamp iso={keyState.soonestEndAt} absolute />
          </>
        )}
      </Fact>
      <Fact name="Last error">
        {lastError === null ? (
          "none"
        ) : (
          <TimeLink href={paths.source(source.id, { tab: "rejected" })} className="link">
            {lastError.title}
          </TimeLink>
        )}
        {lastError !== null && (
          <span className="block text-small text-muted">
            <Timestamp iso={lastError.at} />
          </span>
        )}
      </Fact>
    </dl>
  );
}

function Traffic({ source }: { source: SourceView }) {
  const { last24h, hourly, nodes, name, acceptPastMs, acceptFutureMs } = source;
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
        <Fact name="Accepted, 24 h">{formatCount(last24h.accepted)}</Fact>
        <Fact name="Duplicates, 24 h">{formatCount(last24h.duplicate)}</Fact>
        <Fact name="Rejected, 24 h">{formatCount(last24h.rejected)}</Fact>
        <Fact name="Nodes">
          <TimeLink href={paths.nodes({ q: `source:"${name.replaceAll('"', "")}"` })} className="link">
            {formatCount(nodes)}
          </TimeLink>
        </Fact>
        <Fact name="Life cycle">{authorityOf(source)}</Fact>
        <Fact name="Accepts">
          up to {formatDuration(acceptPastMs)} old, {formatDuration(acceptFutureMs)} ahead
        </Fact>
      </dl>
    </div>
  );
}

/** What its bootstrap events may do to the life cycle of nodes. */
function authorityOf({ authoritativeFor, introducesNodes }: SourceView): string {
  if (authoritativeFor.length === 0) return "its bootstrap events are only shown";
  return `drives ${authoritativeFor.join(", ")}${introducesNodes ? "; may introduce nodes" : ""}`;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="label leading-5">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
