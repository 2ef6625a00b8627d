/** Query options of the fleet's figures. */
import { queryOptions } from "@tanstack/react-query";
import type { FleetSummary, FleetTrend, RecentChanges } from "#lib/contracts/fleet";
import { getJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

/** Key factory: invalidate `fleetKeys.all` after anything that changes a node's status. */
export const fleetKeys = {
  all: ["fleet"] as const,
  summary: () => [...fleetKeys.all, "summary"] as const,
  trend: (range: TrendRange) => [...fleetKeys.all, "trend", range] as const,
  changes: () => [...fleetKeys.all, "changes"] as const,
};

export const TREND_RANGES = ["24h", "7d", "30d"] as const;
export type TrendRange = (typeof TREND_RANGES)[number];

const HOUR_MS = 3_600_000;

/** Length of each range and how many instants of it are read: every 15 minutes, hour and 6 hours. */
const RANGE: Readonly<Record<TrendRange, { lengthMs: number; points: number }>> = {
  "24h": { lengthMs: 24 * HOUR_MS, points: 97 },
  "7d": { lengthMs: 7 * 24 * HOUR_MS, points: 169 },
  "30d": { lengthMs: 30 * 24 * HOUR_MS, points: 121 },
};

/** What to ask the trend for, so that a range ends at the given instant. */
export function trendQuery(range: TrendRange, nowMs: number): { from: string; to: string; points: number } {
  const { lengthMs, points } = RANGE[range];
  return {
    from: new Date(nowMs - lengthMs).toISOString(),
    to: new Date(nowMs).toISOString(),
    points,
  };
}

export const fleetSummaryOptions = () =>
  queryOptions({
    queryKey: fleetKeys.summary(),
    queryFn: ({ signal }) => getJson(paths.api.fleetSummary(), trust<FleetSummary>(), signal),
  });

/** The range names the key and not its instants: the same chart moves on with time. */
export const fleetTrendOptions = (range: TrendRange) =>
  queryOptions({
    queryKey: fleetKeys.trend(range),
    queryFn: ({ signal }) =>
      getJson(paths.api.fleetTrend(trendQuery(range, Date.now())), trust<FleetTrend>(), signal),
  });

export const fleetChangesOptions = () =>
  queryOptions({
    queryKey: fleetKeys.changes(),
    queryFn: ({ signal }) => getJson(paths.api.fleetChanges(), trust<RecentChanges>(), signal),
  });
