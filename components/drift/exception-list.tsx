"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { type ExceptionListName, endException, exceptionListOptions } from "#lib/client/drift";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ExceptionView } from "#lib/contracts/exception";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { cn } from "../ui/cn.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { DriftTabs } from "./drift-tabs.tsx";

const LISTS: readonly { list: ExceptionListName; label: string; empty: string }[] = [
  { list: "live", label: "Live", empty: "Nothing is ignored" },
  { list: "unused", label: "Unused", empty: "Every exception was needed within a week" },
  { list: "over", label: "Expired or ended", empty: "No exception is over yet" },
];

/** What is ignored and why, what nobody needed, and what is over. */
export function ExceptionListPage({ list }: { list: ExceptionListName }) {
  const { data, error, refetch } = useQuery(exceptionListOptions(list));
  return (
    <>
      <PageHeader
        title="Exceptions"
        meta={data && `${formatPlural(data.counts.live, "exception")} in force`}
      />
      <PresentOnlyNote>Exceptions are shown as they are now.</PresentOnlyNote>
      <DriftTabs current="exceptions" q="" counts={undefined} />
      <nav aria-label="Which exceptions" className="flex flex-wrap gap-3 py-2 text-data">
        {LISTS.map((entry) => (
          <Link
            key={entry.list}
            href={paths.exceptions({ list: entry.list })}
            aria-current={entry.list === list ? "page" : undefined}
            className={cn(
              "touch inline-flex items-center gap-1.5",
              entry.list === list ? "font-medium" : "link",
            )}
          >
            {entry.label} {data && formatCount(data.counts[entry.list])}
          </Link>
        ))}
      </nav>
      {!data && !error && <SkeletonRows rows={4} label="Loading the exceptions" />}
      {!data && error && (
        <ErrorPanel title="The exceptions could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <EmptyState title={LISTS.find((entry) => entry.list === list)?.empty ?? "None"}>
          Exceptions are made by ignoring a change in the drift inbox. Each of them expires.
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul aria-label="Exceptions" className="rounded-[6px] border border-line">
          {data.items.map((item) => (
            <ExceptionItem key={item.id} item={item} />
          ))}
        </ul>
      )}
    </>
  );
}

function ExceptionItem({ item }: { item: ExceptionView }) {
  const { id, pattern, baseline, selector, reason, state, unused, createdBy, createdAt, expiresAt } = item;
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const noEnd = useDisabledReason("exception:manage");
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-b border-line px-3 py-2 text-data last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <code className="min-w-0 font-mono break-all">{displayText(pattern).text}</code>
          {state !== "live" && <Badge>{state}</Badge>}
          {unused && <Badge tone="warn">unused</Badge>}
        </p>
        <p className="break-words">{displayText(reason).text}</p>
        <p className="text-small break-words text-muted">
          {baseline ? `baseline ${displayText(baseline.name).text}` : "every baseline"},{" "}
          {selector === "" ? "every node" : displayText(selector).text}; by {createdBy ?? "somebody"}{" "}
          <Timestamp iso={createdAt} />, expires <Timestamp iso={expiresAt} absolute />
          {item.ended && (
            <>
              , ended by {item.ended.by ?? "somebody"} <Timestamp iso={item.ended.at} />
            </>
          )}
          ; matched {formatCount(item.matches)} times
          {item.lastMatchAt && (
            <>
              , last <Timestamp iso={item.lastMatchAt} />
            </>
          )}
        </p>
      </div>
      {state === "live" && (
        <GuardedButton size="sm" reason={noEnd} onClick={() => setAsking(true)}>
          End
        </GuardedButton>
      )}
      <ReasonDialog
        open={asking}
        onOpenChange={setAsking}
        title="End this exception?"
        verb="End the exception"
        danger
        act={async (why) => {
          await endException(id, why);
          await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
          announceDone({ title: "The exception has ended" });
        }}
      >
        <p className="text-data">
          What it allowed is drift again, and comes back to the inbox as a new group.
        </p>
      </ReasonDialog>
    </li>
  );
}
