/**
 * Run-length history of one lane: folding verdicts into intervals.
 *
 * Pure, and independent of the order in which the verdicts arrived: the fold sorts by a total order
 * first. Times are epoch milliseconds; intervals are half-open, `[from, to)`.
 */
import type { Tier } from "./ar4si.ts";
import { limitAt, type SilenceLimit } from "./cadence.ts";
import { type LaneState, severityOf } from "./trust-status.ts";
import type { Outcome } from "./verdict.ts";

/** What a verdict stated, as far as an interval keeps it. */
export type Statement = {
  outcome: Outcome;
  tier: Tier;
  vector: readonly number[];
  /** Hex; `null` when the verdict carried no measurements. */
  measurementDigest: string | null;
  /** `null` when the transport vouched for it. */
  kid: string | null;
};

/** What the fold needs of one verdict. `hash` is the hex event hash. */
export type FoldVerdict = {
  atMs: number;
  hash: string;
  state: LaneState;
  /** Equal keys mean "the same statement again"; anything that must show as a change is in it. */
  evidenceKey: string;
  reason: string;
  statement: Statement;
};

/** One stretch of a lane in which the same was stated, or nothing was. */
export type LaneInterval = {
  fromMs: number;
  /** `null` = still so. */
  toMs: number | null;
  state: LaneState;
  /** The lane has failed and has only been silent since: silence never improves a node. */
  afterFailure: boolean;
  evidenceKey: string;
  reason: string;
  /** Of the verdict that opened it; in a gap, what was stated last. */
  statement: Statement;
  /** Hash of the verdict that opened it; `null` for a gap. */
  hash: string | null;
  /** Verdicts that it stands for; 0 for a gap. */
  n: number;
  firstMs: number | null;
  lastMs: number | null;
  /** Hash chain over the verdicts that it stands for; `""` for a gap. */
  roll: string;
};

/** Extends a hash chain: `roll' = H(roll ‖ hash)`. Given by the caller: this module has no crypto. */
export type Chain = (roll: string, hash: string) => string;

/** Evidence key of a gap. No verdict can have it: real keys are digests. */
const GAP_KEY = "";

/** What is said of a gap that silence made. */
export const SILENCE = {
  plain: "No evidence: silent for longer than its limit",
  afterFailure: "Silent since a failure: no evidence that it was mended",
} as const;

/** Whether an interval is silence rather than a statement. */
export function isGap(interval: Pick<LaneInterval, "hash">): boolean {
  return interval.hash === null;
}

/**
 * Total order of verdicts in one lane: time, then severity, then hash.
 *
 * At one instant the worst statement comes last and so wins from then on.
 */
export function compareVerdicts(
  a: Pick<FoldVerdict, "atMs" | "state" | "hash">,
  b: Pick<FoldVerdict, "atMs" | "state" | "hash">,
): number {
  return (
    a.atMs - b.atMs ||
    severityOf(a.state) - severityOf(b.state) ||
    (a.hash < b.hash ? -1 : +(a.hash > b.hash))
  );
}

/**
 * Fold verdicts of one lane into intervals without holes, from the first verdict on.
 *
 * Repeats of the same statement extend an interval. A silence longer than the limit ends it and
 * becomes a gap (`stale`) of its own: history is never interpolated. Of two statements at the very
 * same instant the worse one counts; the other stays in the verdict log only.
 *
 * @param verdicts any order, without duplicates; with a seed, all of them later than its last one
 * @param staleAfterMs silence after which evidence no longer counts; a learnt limit differs over time
 * @param nowMs instant up to which silence is judged
 * @param seed the open interval to go on from; absent = these are all verdicts of the lane
 */
export function foldLane(
  verdicts: readonly FoldVerdict[],
  staleAfterMs: SilenceLimit,
  nowMs: number,
  chain: Chain,
  seed?: LaneInterval,
): LaneInterval[] {
  const intervals: LaneInterval[] = seed ? [{ ...seed }] : [];
  for (const verdict of [...verdicts].sort(compareVerdicts)) {
    addGap(intervals, staleAfterMs, verdict.atMs);
    addVerdict(intervals, verdict, chain);
  }
  addGap(intervals, staleAfterMs, nowMs);
  return intervals;
}

function addVerdict(intervals: LaneInterval[], verdict: FoldVerdict, chain: Chain): void {
  let current = intervals.at(-1);
  if (current && current.fromMs === verdict.atMs && current.evidenceKey !== verdict.evidenceKey) {
    intervals.pop();
    current = intervals.at(-1);
    if (current) current.toMs = null;
  }
  if (current && current.evidenceKey === verdict.evidenceKey) {
    current.n += 1;
    current.lastMs = verdict.atMs;
    current.roll = chain(current.roll, verdict.hash);
    return;
  }
  if (current) current.toMs = verdict.atMs;
  intervals.push({
    fromMs: verdict.atMs,
    toMs: null,
    state: verdict.state,
    afterFailure: verdict.state === "stale" && hasFailed(current),
    evidenceKey: verdict.evidenceKey,
    reason: verdict.reason,
    statement: verdict.statement,
    hash: verdict.hash,
    n: 1,
    firstMs: verdict.atMs,
    lastMs: verdict.atMs,
    roll: chain("", verdict.hash),
  });
}

/** End the open interval and add the gap behind it when nothing came within the limit before `untilMs`. */
function addGap(intervals: LaneInterval[], limit: SilenceLimit, untilMs: number): void {
  const open = intervals.at(-1);
  if (!open || open.lastMs === null) return;
  const staleAfterMs = limitAt(limit, open.lastMs);
  if (staleAfterMs === null) return;
  const staleAtMs = open.lastMs + staleAfterMs;
  if (untilMs <= staleAtMs) return;
  open.toMs = staleAtMs;
  const afterFailure = hasFailed(open);
  intervals.push({
    fromMs: staleAtMs,
    toMs: null,
    state: "stale",
    afterFailure,
    evidenceKey: GAP_KEY,
    reason: SILENCE[afterFailure ? "afterFailure" : "plain"],
    statement: open.statement,
    hash: null,
    n: 0,
    firstMs: null,
    lastMs: null,
    roll: "",
  });
}

/** Whether the lane has failed and nothing but silence has followed. */
export function hasFailed(interval: LaneInterval | undefined): boolean {
  return interval !== undefined && (interval.state === "failed" || interval.afterFailure);
}
