"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ChangeListName, changeListOptions } from "#lib/client/changes";
import { displayText, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ChangeSummary } from "#lib/contracts/change-request";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ChangeStateBadge } from "./change-state.tsx";

const LISTS: readonly { list: ChangeListName; label: string; empty: string }[] = [
  { list: "waiting", label: "Waiting on me", empty: "Nothing waits for you" },
  { list: "mine", label: "Mine", empty: "You have proposed nothing" },
  { list: "done", label: "Done", empty: "Nothing has been decided yet" },
];

/** What needs a second person: what waits for me, what I proposed, and what became of the rest. */
export function ChangeListPage({ list }: { list: ChangeListName }) {
  const { data, error, refetch } = useQuery(changeListOptions(list));
  const waiting = data?.waitingOnMe ?? 0;
  return (
    <>
      <PageHeader
        title="Changes"
        meta={data && `${formatPlural(waiting, "request waits", "requests wait")} for you`}
      />
      <Tabs
        label="Changes"
        tabs={LISTS.map((entry) => ({
          href: paths.changes({ list: entry.list }),
          label: entry.label,
          current: entry.list === list,
        }))}
      />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading changes" />}
      {data === undefined && error && (
        <ErrorPanel title="The changes could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <EmptyState title={LISTS.find((entry) => entry.list === list)?.empty ?? "Nothing here"}>
          Some actions need a second person. Whoever proposes one gives a reason; somebody else approves or
          denies it within an hour.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((item) => (
          <ChangeItem key={item.id} item={item} />
        ))}
      </ul>
      {data?.nextCursor && (
        <p className="py-3 text-small text-muted">
          Only the newest are shown. The HTTP API pages through all.
        </p>
      )}
    </>
  );
}

function ChangeItem({ item }: { item: ChangeSummary }) {
  const { id, summary, reason, state, expiresAt, proposedBy, proposedAt, kindLabel } = item;
  return (
    <li className="border-b border-line">
      <Link href={paths.change(id)} className="flex min-h-11 flex-col gap-1 px-1 py-2.5 hover:bg-hover">
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 font-medium break-words">{displayText(summary).text}</span>
          <ChangeStateBadge state={state} expiresAt={expiresAt} />
        </span>
        <span className="max-w-[90ch] text-small break-words text-muted">{displayText(reason).text}</span>
      </Link>
      <p className="px-1 pb-2 text-small text-muted">
        {kindLabel}, proposed by {displayText(proposedBy).text} <Timestamp iso={proposedAt} />
      </p>
    </li>
  );
}
