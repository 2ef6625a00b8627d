"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { paths } from "#lib/client/paths";
import { openReviewsOptions, remediationListOptions } from "#lib/client/remediations";
import { isPresent } from "#lib/client/time-travel";
import type { Need } from "../fleet/needs-you.tsx";
import { useAccount } from "../shell/account-context.tsx";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { requestTitle } from "./remediation-card.tsx";

/** What waits for this person's decision or review, for the overview; nothing on a page of the past. */
export function useRemediationNeeds(): Need[] {
  const { permissions } = useAccount();
  const { time } = useTimeTravel();
  const enabled = isPresent(time) && permissions.includes("remediation:read");
  const waiting = useInfiniteQuery({ ...remediationListOptions("waiting_on_me"), enabled });
  const reviews = useQuery({ ...openReviewsOptions(), enabled });
  const first = waiting.data?.pages[0];
  const count = first?.counts.waiting_on_me ?? 0;
  const due = reviews.data?.items.filter(({ mayReview }) => mayReview === null).length ?? 0;
  const needs: Need[] = [
    {
      key: "remediations",
      count,
      what: count === 1 ? "request waits for your approval" : "requests wait for your approval",
      hint: first?.items.map(requestTitle).join(", ") ?? "",
      href: paths.remediations({ tab: "waiting_on_me" }),
    },
    {
      key: "reviews",
      count: due,
      what: due === 1 ? "break-glass action to review" : "break-glass actions to review",
      hint: "Done without approval; somebody else must look at it",
      href: paths.myWork(),
    },
  ];
  return enabled ? needs.filter((need) => need.count > 0) : [];
}
