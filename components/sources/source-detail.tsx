"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { type ReactNode, useState } from "react";
import { formatCount, formatDuration, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { sourceListOptions } from "#lib/client/sources";
import type { SourceView } from "#lib/contracts/source";
import { Sparkline } from "../charts/sparkline.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Card } from "../ui/card.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";
import { HowToSend } from "./how-to-send.tsx";
import { ApiKeys, SigningKeys } from "./key-tables.tsx";
import { RejectedList } from "./rejected-list.tsx";
import { sourceKind } from "./source-kinds.tsx";
import { SourceState } from "./source-table.tsx";

const TABS = ["about", "rejected"] as const;
const CRUMBS = [{ href: paths.sources(), label: "Sources" }];

/** One source: is it heard, which keys does it use, how does one send, and what was refused? */
export function SourceDetail({ sourceId }: { sourceId: string }) {
  const sources = useQuery(sourceListOptions());
  const [tab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("about"));
  const source = sources.data?.items.find(({ id }) => id === sourceId);

  if (source === undefined) {
    return (
      <>
        <PageHeader title="Source" crumbs={CRUMBS} />
        {sources.isPending && <SkeletonRows rows={4} label="Loading the source" />}
        {sources.isError && (
          <ErrorPanel
            title="The source could not be loaded"
            error={sources.error}
            onRetry={() => void sources.refetch()}
          />
        )}
        {sources.data && (
          <EmptyState title="No such source">It may belong to a domain that you cannot see.</EmptyState>
        )}
      </>
    );
  }

  return (
    <>
      <PageHeader
        crumbs={CRUMBS}
        title={<HostileText text={source.name} />}
        meta={
          <span className="inline-flex flex-wrap items-center gap-2">
            {source.kindLabel}
            <SourceState silent={source.silent} disabledAt={source.disabledAt} />
            <span className="inline-flex items-center font-mono">
              {source.id}
              <CopyButton value={source.id} label="Copy source ID" />
            </span>
          </span>
        }
      />
      <Tabs
        label="Source"
        tabs={[
          { href: paths.source(sourceId), label: "About", current: tab === "about" },
          {
            href: paths.source(sourceId, { tab: "rejected" }),
            label: (
              <>
                Rejected
                {source.last24h.rejected > 0 && (
                  <span className="text-small text-muted">
                    {formatCount(source.last24h.rejected)} in 24 h
                  </span>
                )}
              </>
            ),
            current: tab === "rejected",
          },
        ]}
      />
      {tab === "about" ? <About source={source} /> : <Rejected sourceId={sourceId} />}
    </>
  );
}

function Rejected({ sourceId }: { sourceId: string }) {
  const reason = useDisabledReason("rejected:read");
  if (reason !== null) {
    return <EmptyState title="Rejected events are not for your role">{reason}</EmptyState>;
  }
  return <RejectedList sourceId={sourceId} />;
}

function About({ source }: { source: SourceView }) {
  const [creating, setCreating] = useState(false);
  const reason = useDisabledReason("source:manage");
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
          <GuardedButton size="sm" reason={reason} onClick={() => setCreating(true)}>
            Create API key
          </GuardedButton>
        }
      >
        <ApiKeys keys={source.apiKeys} />
      </Card>
      <Card title="Public keys" flush className="lg:col-span-3">
        <SigningKeys keys={source.keys} needed={sourceKind(source.kind).needsKeys} />
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
