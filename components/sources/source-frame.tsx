"use client";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { sourceListOptions } from "#lib/client/sources";
import { withTime } from "#lib/client/time-travel";
import type { SourceView } from "#lib/contracts/source";
import { useActivityTab } from "../audit/activity-tab.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { DisableSourceDialog } from "./disable-source-dialog.tsx";
import { SourceState } from "./source-state.tsx";

/** A source as the list has it; there are few, so one query serves all pages. */
export function useSource(sourceId: string): SourceView | undefined {
  const { time } = useTimeTravel();
  return useQuery(sourceListOptions(time)).data?.items.find(({ id }) => id === sourceId);
}

/** What stands on every page of a source: its name, its state, and the tabs. */
export function SourceFrame({ sourceId, children }: { sourceId: string; children: ReactNode }) {
  const { time } = useTimeTravel();
  const sources = useQuery(sourceListOptions(time));
  const activity = useActivityTab(paths.source(sourceId, { tab: "activity" }));
  const crumbs = [{ href: withTime(paths.sources(), time), label: "Sources" }];
  const source = useSource(sourceId);

  if (source === undefined) {
    return (
      <>
        <PageHeader title="Source" crumbs={crumbs} />
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

  const rejected = source.last24h.rejected;
  return (
    <>
      <PageHeader
        crumbs={crumbs}
        title={<HostileText text={source.name} />}
        meta={
          <span className="inline-flex flex-wrap items-center gap-2">
            {source.kindLabel}
            <SourceState source={source} />
            <span className="inline-flex items-center font-mono">
              {source.id}
              <CopyButton value={source.id} label="Copy source ID" />
            </span>
          </span>
        }
        actions={<DisableSource source={source} />}
      />
      <Tabs
        label="Source"
        tabs={[
          { href: withTime(paths.source(sourceId), time), label: "About" },
          {
            href: withTime(paths.source(sourceId, { tab: "rejected" }), time),
            label: (
              <>
                Rejected
                {rejected > 0 && (
                  <span className="text-small text-muted">{formatCount(rejected)} in 24 h</span>
                )}
              </>
            ),
          },
          activity,
        ]}
      />
      {children}
    </>
  );
}

function DisableSource({ source }: { source: SourceView }) {
  const reason = useDisabledReason("source:manage");
  const [asking, setAsking] = useState(false);
  return (
    <>
      {source.disabledAt === null && (
        <GuardedButton reason={reason} onClick={() => setAsking(true)}>
          Disable source
        </GuardedButton>
      )}
      <DisableSourceDialog source={source} open={asking} onOpenChange={setAsking} />
    </>
  );
}
