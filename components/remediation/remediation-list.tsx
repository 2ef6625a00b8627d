"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { remediationListOptions } from "#lib/client/remediations";
import type { RemediationTab } from "#lib/domain/remediation-plan";
import { TimeLink } from "../shell/time-travel.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { PauseButton } from "./pause-dialog.tsx";
import { RemediationCard } from "./remediation-card.tsx";
import { RemediationTabs } from "./remediation-tabs.tsx";

const EMPTY: Readonly<Record<RemediationTab, { title: string; words: string; good?: true }>> = {
  waiting_on_me: {
    title: "Nothing waits for you",
    words: "When somebody asks for an action that you may approve, it stands here until it is decided.",
    good: true,
  },
  requested_by_me: {
    title: "You have asked for nothing",
    words: "Open a node, or pick some in the list of nodes, and request an action. Other people approve it.",
  },
  in_progress: {
    title: "Nothing is in progress",
    words: "No request waits for approval, for its start, or for the end of its execution.",
    good: true,
  },
  done: {
    title: "Nothing has ended yet",
    words: "Every request stays here for good, with its votes and its execution, however it ended.",
  },
};

/** What waits on me, what I asked for, what is going on, and all that ever ended. */
export function RemediationListPage({ tab }: { tab: RemediationTab }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    remediationListOptions(tab),
  );
  const first = data?.pages[0];
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const { title, words, good } = EMPTY[tab];
  return (
    <>
      <PageHeader
        title="Remediations"
        meta={
          first &&
          `${formatPlural(first.counts.waiting_on_me ?? 0, "request waits", "requests wait")} for you`
        }
        actions={
          <span className="flex items-center gap-3">
            <TimeLink href={paths.drills()} className="link touch inline-flex items-center text-data">
              Drills
            </TimeLink>
            <PauseButton />
          </span>
        }
      />
      <RemediationTabs current={tab} counts={first?.counts} />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading remediations" />}
      {data === undefined && error && (
        <ErrorPanel
          title="The remediations could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {first?.items.length === 0 && (
        <EmptyState title={title} icon={good && <CircleCheck aria-hidden className="size-4 text-muted" />}>
          {words}
        </EmptyState>
      )}
      <ul>
        {items.map((item) => (
          <RemediationCard key={item.id} item={item} />
        ))}
      </ul>
      {hasNextPage && (
        <p className="py-3">
          <Button pending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? "Loading…" : "Load more"}
          </Button>
        </p>
      )}
    </>
  );
}
