"use client";

import { useQuery } from "@tanstack/react-query";
import { driftListOptions, incidentListOptions } from "#lib/client/drift";
import { paths } from "#lib/client/paths";
import { isPresent } from "#lib/client/time-travel";
import type { Need } from "../fleet/needs-you.tsx";
import { useAccount } from "../shell/account-context.tsx";
import { useTimeTravel } from "../shell/time-travel.tsx";

/** Incidents and undecided drift, for the overview; nothing on a page of the past, nor what a role may not read. */
export function useDriftNeeds(): Need[] {
  const { permissions } = useAccount();
  const { time } = useTimeTravel();
  const now = isPresent(time);
  const drift = useQuery({
    ...driftListOptions({ tab: "undecided", q: "", sort: "priority" }),
    enabled: now && permissions.includes("drift:read"),
  });
  const incidents = useQuery({ ...incidentListOptions("open"), enabled: now });
  const counts = drift.data?.counts;
  const needs: Need[] = [
    {
      key: "incidents",
      count: incidents.data?.counts.open ?? 0,
      what: "open incidents",
      hint: "Many nodes changed, failed or stand apart together",
      href: paths.incidents(),
    },
    {
      key: "drift-undecided",
      count: counts?.undecided ?? 0,
      what: "undecided changes",
      hint: drift.data?.items[0]?.path ?? "",
      href: paths.drift(),
    },
    {
      key: "drift-regressed",
      count: counts?.regressed ?? 0,
      what: "regressed changes",
      hint: "They came back, or what allowed them is over",
      href: paths.drift({ tab: "regressed" }),
    },
  ];
  return now ? needs.filter(({ count }) => count > 0) : [];
}
