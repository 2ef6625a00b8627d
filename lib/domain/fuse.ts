/** Fusing the lanes of one node into its own line: the word that the node is given at each instant. */
import type { LaneInterval } from "./history.ts";
import type { LaneState } from "./trust-status.ts";

/** One lane of the node; `label` names it in reasons, for example `lab` or `lab/gpu0`. */
export type FuseLane = {
  label: string;
  /** In order of time, without holes from the first one on. */
  intervals: readonly Pick<LaneInterval, "fromMs" | "state" | "reason" | "afterFailure">[];
};

/** One stretch of a node's own line. */
export type FusedInterval = { fromMs: number; toMs: number | null; state: LaneState; reason: string };

type Moment = { label: string; state: LaneState; reason: string; afterFailure: boolean };

/**
 * The node's own line from its lanes.
 *
 * The worst statement wins. Silence never improves a node: a lane that failed and then fell silent
 * still counts as failed. A node is trusted only while every lane that ever spoke affirms it; when
 * some are silent or say nothing, it is degraded.
 *
 * @param lanes in a fixed order: the first failing one gives the reason
 * @param seenFromMs when the node was first heard of; until its first verdict it is pending
 * @returns intervals without holes from then on; equal neighbours are merged
 */
export function fuseLanes(lanes: readonly FuseLane[], seenFromMs: number): FusedInterval[] {
  const starts = lanes.flatMap(({ intervals }) => intervals.map(({ fromMs }) => fromMs));
  const instants = [...new Set([seenFromMs, ...starts])].sort((a, b) => a - b);
  const cursors = lanes.map(() => 0);
  const fused: FusedInterval[] = [];
  for (const atMs of instants) {
    const moments = lanes.flatMap(({ label, intervals }, index): Moment[] => {
      let cursor = cursors[index] ?? 0;
      while ((intervals[cursor]?.fromMs ?? Number.POSITIVE_INFINITY) <= atMs) cursor += 1;
      cursors[index] = cursor;
      const interval = intervals[cursor - 1];
      return interval
        ? [{ label, state: interval.state, reason: interval.reason, afterFailure: interval.afterFailure }]
        : [];
    });
    const now = fuseMoment(moments);
    const previous = fused.at(-1);
    if (previous && previous.state === now.state && previous.reason === now.reason) continue;
    if (previous) previous.toMs = atMs;
    fused.push({ fromMs: atMs, toMs: null, ...now });
  }
  return fused;
}

/** Status of a node at one instant, from what each of its lanes says then. */
function fuseMoment(moments: readonly Moment[]): { state: LaneState; reason: string } {
  const several = moments.length > 1;
  const say = ({ label, reason }: Moment) => (several ? `${label}: ${reason}` : reason);
  const names = (some: readonly Moment[]) => some.map(({ label }) => label).join(", ");

  const failed = moments.find(({ state, afterFailure }) => state === "failed" || afterFailure);
  if (failed) return { state: "failed", reason: say(failed) };
  const degraded = moments.find(({ state }) => state === "degraded");
  if (degraded) return { state: "degraded", reason: say(degraded) };

  const trusted = moments.filter(({ state }) => state === "trusted");
  const others = moments.filter(({ state }) => state !== "trusted");
  const [other] = others;
  const [first] = trusted;
  if (!other) {
    if (!first) return { state: "pending", reason: "No verdict yet" };
    return { state: "trusted", reason: several ? `Verified good by ${names(trusted)}` : first.reason };
  }
  if (first) {
    return {
      state: "degraded",
      reason: `${others.length} of ${moments.length} lines of evidence say nothing: ${names(others)}`,
    };
  }
  const silent = others.filter(({ state }) => state === "stale");
  if (silent.length === others.length) {
    return { state: "stale", reason: several ? `Silent: ${names(silent)}` : other.reason };
  }
  return { state: "pending", reason: say(others.find(({ state }) => state === "pending") ?? other) };
}
