/** Fusing the lanes of one node into its own line: the word that the node is given at each instant. */
import type { SelectorNode } from "./baseline.ts";
import type { DriftInterval } from "./drift.ts";
import { isGap, type LaneInterval } from "./history.ts";
import type { Decide, DriftFacts, LaneFacts, NodeState } from "./policy.ts";

/** One lane of the node; `label` names it in reasons, for example `lab` or `lab/gpu0`. */
export type FuseLane = Pick<LaneFacts, "label" | "source" | "kind" | "submod"> & {
  /** In order of time, without holes from the first one on. */
  intervals: readonly Pick<
    LaneInterval,
    "fromMs" | "state" | "reason" | "afterFailure" | "hash" | "statement"
  >[];
};

/** How one lane differed from its baselines. */
export type FuseDrift = Pick<DriftFacts, "label" | "source" | "submod"> & {
  /** In order of time; between them nothing was compared. */
  intervals: readonly Omit<DriftInterval, "sourceId" | "submod">[];
};

/** What the line of one node rests on. */
export type FuseGrounds = {
  node: SelectorNode;
  /** When the node was first heard of; until its first verdict it is pending. */
  seenFromMs: number;
  /** In a fixed order: the first failing one gives the reason. */
  lanes: readonly FuseLane[];
  drift: readonly FuseDrift[];
  /** Further instants at which the decision may change although no evidence does. */
  turns: readonly number[];
};

/** One stretch of a node's own line. */
export type FusedInterval = {
  fromMs: number;
  toMs: number | null;
  state: NodeState;
  reason: string;
  /** `name@version` of the policy that decided. */
  policyVersion: string;
};

/** A stretch as it was decided just now. */
export type DecidedInterval = FusedInterval & { ruleId: string; exceptionId: string | null };

/**
 * The node's own line: what the policy makes of its lanes at every instant at which something changes.
 *
 * @returns intervals without holes from the first sighting (or first verdict) on; equal neighbours are merged
 */
export function fuseLanes(grounds: FuseGrounds, decide: Decide): DecidedInterval[] {
  const { node, seenFromMs, lanes, drift, turns } = grounds;
  const evidence = lanes.flatMap(({ intervals }) => intervals.map(({ fromMs }) => fromMs));
  const firstMs = Math.min(seenFromMs, ...lanes.flatMap(({ intervals }) => intervals[0]?.fromMs ?? []));
  const differences = drift.flatMap(({ intervals }) =>
    intervals.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? fromMs]),
  );
  const later = [...differences, ...turns].filter((atMs) => atMs > firstMs);
  const instants = [...new Set([seenFromMs, ...evidence, ...later])].sort((a, b) => a - b);
  const laneAt = lanes.map(({ intervals }) => cursorOver(intervals));
  const driftAt = drift.map(({ intervals }) => cursorOver(intervals));
  const fused: DecidedInterval[] = [];
  for (const atMs of instants) {
    const spoken = lanes.flatMap((lane, index) => {
      const interval = laneAt[index]?.(atMs);
      return interval ? [{ lane, interval }] : [];
    });
    const several = spoken.length > 1;
    const facts = {
      node,
      lanes: spoken.map(({ lane, interval }) => laneFacts(lane, interval, several)),
      drift: drift.flatMap((lane, index) => {
        const interval = driftAt[index]?.(atMs);
        const over = !interval || (interval.toMs !== null && interval.toMs <= atMs);
        return over ? [] : [driftFacts(lane, interval, several)];
      }),
    };
    const { state, reason, policyVersion, ruleId, exceptionId } = decide(facts, atMs);
    const previous = fused.at(-1);
    if (previous && sameLine(previous, { state, reason, policyVersion })) continue;
    if (previous) previous.toMs = atMs;
    fused.push({ fromMs: atMs, toMs: null, state, reason, policyVersion, ruleId, exceptionId });
  }
  return fused;
}

/** Whether two stretches of a line say the same. */
export function sameLine(
  a: Pick<FusedInterval, "state" | "reason" | "policyVersion">,
  b: Pick<FusedInterval, "state" | "reason" | "policyVersion">,
): boolean {
  return a.state === b.state && a.reason === b.reason && a.policyVersion === b.policyVersion;
}

/** Reads intervals at instants that only grow. */
function cursorOver<T extends { fromMs: number }>(intervals: readonly T[]): (atMs: number) => T | undefined {
  let next = 0;
  return (atMs) => {
    while ((intervals[next]?.fromMs ?? Number.POSITIVE_INFINITY) <= atMs) next += 1;
    return intervals[next - 1];
  };
}

function laneFacts(
  { label, source, kind, submod }: FuseLane,
  interval: FuseLane["intervals"][number],
  several: boolean,
): LaneFacts {
  const { state, reason, afterFailure, statement } = interval;
  const { tier, outcome } = statement;
  const says = several ? `${label}: ${reason}` : reason;
  return {
    label,
    source,
    kind,
    submod,
    state,
    tier,
    outcome,
    reason,
    says,
    afterFailure,
    silent: isGap(interval),
  };
}

function driftFacts(
  { label, source, submod }: FuseDrift,
  { worst, effect, score, reason, baselines }: FuseDrift["intervals"][number],
  several: boolean,
): DriftFacts {
  return {
    label,
    source,
    submod,
    worst: worst ?? "none",
    effect: effect ?? "none",
    score,
    reason,
    says: several ? `${label}: ${reason}` : reason,
    baselines: baselines.map(({ name }) => name),
  };
}
