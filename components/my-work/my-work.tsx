"use client";

import { type UseQueryResult, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { changeListOptions } from "#lib/client/changes";
import { driftListOptions, incidentListOptions } from "#lib/client/drift";
import { displayText, formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { ACTION_WORDS } from "#lib/client/remediation-words";
import { openReviewsOptions, remediationListOptions } from "#lib/client/remediations";
import { reportNoticesOptions } from "#lib/client/report-schedules";
import { isOver } from "#lib/domain/remediation";
import { Countdown } from "../remediation/countdown.tsx";
import { requestTitle } from "../remediation/remediation-card.tsx";
import { RequestStateBadge } from "../remediation/request-state.tsx";
import { useAccount, useMissingRole } from "../shell/account-context.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

type Item = { key: string; href: string; title: string; hint: ReactNode };

/** What one person has to do: what waits for their decision, what they asked for, what they took on, reviews. */
export function MyWorkPage() {
  const waiting = useWaiting();
  const mine = useMine();
  const taken = useTaken();
  const reviews = useReviews();
  const reports = useReports();
  return (
    <>
      <PageHeader title="My work" />
      <div className="grid max-w-[1200px] gap-3 pb-6 lg:grid-cols-2">
        <Section title="Waits for me" {...waiting} empty="Nothing waits for your decision." />
        <Section title="Reviews due" {...reviews} empty="Nothing that was done at once waits for a review." />
        <Section title="My requests" {...mine} empty="Nothing that you asked for is open." />
        <Section title="Reports for me" {...reports} empty="No scheduled report was made for you lately." />
        <Section
          title="I took it on"
          {...taken}
          empty="No request, drift or incident is yours. Take one with “I look at it” or “Assign to me”."
        />
      </div>
    </>
  );
}

type Source = { items: Item[] | undefined; error: Error | null; retry: () => void };

function Section({ title, items, error, retry, empty }: Source & { title: string; empty: string }) {
  return (
    <Card title={items ? `${title} · ${formatCount(items.length)}` : title} flush>
      {items === undefined && !error && <SkeletonRows rows={2} label={`Loading: ${title}`} />}
      {error && <ErrorPanel title="This could not be loaded" error={error} onRetry={retry} />}
      {items?.length === 0 && <p className="px-3 py-3 text-data text-muted">{empty}</p>}
      <ul>
        {items?.map(({ key, href, title: what, hint }) => (
          <li key={key} className="border-b border-line last:border-b-0">
            <Link href={href} className="flex min-h-11 flex-col justify-center px-3 py-1.5 hover:bg-hover">
              <span className="min-w-0 break-words">{what}</span>
              <span className="flex flex-wrap items-center gap-x-2 text-small text-muted">{hint}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** All answers together; `undefined` while one is missing. An error of one is shown beside what the others gave. */
function together(
  queries: readonly Pick<UseQueryResult, "error" | "refetch" | "isPending">[],
  items: Item[],
): Source {
  const failed = queries.find(({ error }) => error !== null);
  return {
    items: queries.some(({ isPending }) => isPending) && !failed ? undefined : items,
    error: failed?.error ?? null,
    retry: () => {
      for (const query of queries) void query.refetch();
    },
  };
}

function useWaiting(): Source {
  const remediations = useInfiniteQuery(remediationListOptions("waiting_on_me"));
  const changes = useQuery(changeListOptions("waiting"));
  return together(
    [remediations, changes],
    [
      ...(remediations.data?.pages[0]?.items.map(remediationItem) ?? []),
      ...(changes.data?.items.map((change) => ({
        key: change.id,
        href: paths.change(change.id),
        title: displayText(change.summary).text,
        hint: (
          <>
            {change.kindLabel}
            <Countdown iso={change.expiresAt} verb="expires" over="time is over" />
          </>
        ),
      })) ?? []),
    ],
  );
}

function useMine(): Source {
  const remediations = useInfiniteQuery(remediationListOptions("requested_by_me"));
  const changes = useQuery(changeListOptions("mine"));
  return together(
    [remediations, changes],
    [
      ...(remediations.data?.pages[0]?.items.filter(({ state }) => !isOver(state)).map(remediationItem) ??
        []),
      ...(changes.data?.items
        .filter(({ state }) => state === "pending")
        .map((change) => ({
          key: change.id,
          href: paths.change(change.id),
          title: displayText(change.summary).text,
          hint: <Countdown iso={change.expiresAt} verb="expires" over="time is over" />,
        })) ?? []),
    ],
  );
}

function useTaken(): Source {
  const { id } = useAccount();
  const readsDrift = useMissingRole("drift:read") === null;
  const remediations = useInfiniteQuery(remediationListOptions("in_progress"));
  const drift = useQuery({
    ...driftListOptions({ tab: "undecided", q: "", sort: "priority" }),
    enabled: readsDrift,
  });
  const incidents = useQuery(incidentListOptions("open"));
  return together(readsDrift ? [remediations, drift, incidents] : [remediations, incidents], [
    ...(remediations.data?.pages[0]?.items.filter(({ claimedBy }) => claimedBy?.mine).map(remediationItem) ??
      []),
    ...(drift.data?.items
      .filter(({ assignee }) => assignee?.id === id)
      .map((group) => ({
        key: group.id,
        href: paths.drift({ peek: group.id }),
        title: displayText(group.path).text,
        hint: `Drift, ${group.urgency}`,
      })) ?? []),
    ...(incidents.data?.items
      .filter(({ owner }) => owner?.id === id)
      .map((incident) => ({
        key: incident.id,
        href: paths.incident(incident.id),
        title: displayText(incident.title).text,
        hint: "Incident",
      })) ?? []),
  ]);
}

function useReviews(): Source {
  const reviews = useQuery(openReviewsOptions());
  const due = reviews.data?.items.filter(({ mayReview }) => mayReview === null) ?? [];
  return together(
    [reviews],
    due.map((review) => ({
      key: review.requestId,
      href: paths.remediation(review.requestId),
      title: `${ACTION_WORDS[review.action].label} by ${displayText(review.requestedBy ?? "a policy").text}`,
      hint: <Countdown iso={review.dueAt} verb="due" over="overdue" />,
    })),
  );
}

/** Scheduled reports that the person was told of. */
function useReports(): Source {
  const notices = useQuery(reportNoticesOptions());
  return together(
    [notices],
    (notices.data?.items ?? []).map(({ reportId, title, toldAt }) => ({
      key: reportId,
      href: paths.report(reportId),
      title: displayText(title).text,
      hint: (
        <>
          ready <Timestamp iso={toldAt} />
        </>
      ),
    })),
  );
}

type Remediation = Parameters<typeof requestTitle>[0] & {
  id: string;
  state: Parameters<typeof RequestStateBadge>[0]["state"];
  expiresAt: string;
};

function remediationItem(item: Remediation): Item {
  return {
    key: item.id,
    href: paths.remediation(item.id),
    title: requestTitle(item),
    hint: (
      <>
        <RequestStateBadge state={item.state} />
        {item.state === "pending" && <Countdown iso={item.expiresAt} verb="expires" over="time is over" />}
      </>
    ),
  };
}
