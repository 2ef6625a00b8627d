/** Query options of the fleet's figures. */
import { queryOptions } from "@tanstack/react-query";
import type { FleetSummary, FleetTrend, RecentChanges } from "#lib/contracts/fleet";
import { getJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { shownInstant, type TimeTravel, timeParams } from "./time-travel.ts";

/** Key factory: invalidate `fleetKeys.all` after anything that changes a node's status. */
export const fleetKeys = {
  all: ["fleet"] as const,
  summary: (time: TimeTravel) => [...fleetKeys.all, "summary", time] as const,
  trend: (range: TrendRange, time: TimeTravel) => [...fleetKeys.all, "trend", range, time] as const,
  changes: (time: TimeTravel) => [...fleetKeys.all, "changes", time] as const,
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

/** What to ask the trend for, so that a range ends now, or at the instant that is shown. */
export function trendQuery(
  range: TrendRange,
  nowMs: number,
  time: TimeTravel,
): { from: string; to: string; points: number; knownAt?: string } {
  const { lengthMs, points } = RANGE[range];
  const shown = shownInstant(time);
  const toMs = shown === null ? nowMs : Date.parse(shown);
  const { knownAt } = timeParams(time);
  return {
    from: new Date(toMs - lengthMs).toISOString(),
    to: new Date(toMs).toISOString(),
    points,
    ...(knownAt === undefined ? {} : { knownAt }),
  };
}

export const fleetSummaryOptions = (time: TimeTravel) =>
  queryOptions({
    queryKey: fleetKeys.summary(time),
    queryFn: ({ signal }) => getJson(paths.api.fleetSummary(timeParams(time)), trust<FleetSummary>(), signal),
  });

/** The range names the key and not its instants: the same chart moves on with time. */
export const fleetTrendOptions = (range: TrendRange, time: TimeTravel) =>
  queryOptions({
    queryKey: fleetKeys.trend(range, time),
    queryFn: ({ signal }) =>
      getJson(paths.api.fleetTrend(trendQuery(range, Date.now(), time)), trust<FleetTrend>(), signal),
  });

export const fleetChangesOptions = (time: TimeTravel) =>
  queryOptions({
    queryKey: fleetKeys.changes(time),
    queryFn: ({ signal }) =>
      getJson(paths.api.fleetChanges(timeParams(time)), trust<RecentChanges>(), signal),
  });
