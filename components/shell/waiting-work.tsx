"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { changeListOptions } from "#lib/client/changes";
import { formatCount } from "#lib/client/format";
import { openReviewsOptions, remediationListOptions } from "#lib/client/remediations";
import { useDisabledReason } from "./account-context.tsx";

/** Beside the link to the remediations: how many wait for this person. */
export function WaitingRemediations() {
  return <Waiting count={useWaitingRemediations()} />;
}

/** Beside the link to one's own work: everything that waits for this person. */
export function WaitingWork() {
  const allowed = useDisabledReason("remediation:read") === null;
  const changes = useQuery({ ...changeListOptions("waiting"), enabled: allowed });
  const reviews = useQuery({ ...openReviewsOptions(), enabled: allowed });
  const due = reviews.data?.items.filter(({ mayReview }) => mayReview === null).length ?? 0;
  return <Waiting count={useWaitingRemediations() + (changes.data?.waitingOnMe ?? 0) + due} />;
}

function useWaitingRemediations(): number {
  const allowed = useDisabledReason("remediation:read") === null;
  const { data } = useInfiniteQuery({ ...remediationListOptions("waiting_on_me"), enabled: allowed });
  return data?.pages[0]?.counts.waiting_on_me ?? 0;
}

function Waiting({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="rounded-full bg-accent px-1.5 text-label font-semibold text-on-accent tabular-nums">
      {formatCount(count)}
      <span className="sr-only"> waiting on you</span>
    </span>
  );
}
