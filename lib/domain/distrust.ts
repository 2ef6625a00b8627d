/**
 * What is left of a lane when the evidence of a key no longer counts.
 *
 * Pure. Evidence of a distrusted key stays in the log; here it is decided which verdicts count, and
 * where a lane has to be folded anew. Times are epoch milliseconds.
 */
import type { SilenceLimit } from "./cadence.ts";
import { type Chain, foldLane, isGap, type LaneInterval } from "./history.ts";

/** Evidence of a key is worthless from an instant on. */
export type DistrustRule = { kid: string; sinceMs: number };

/**
 * Whether a verdict does not count. Both times are looked at: the sender chooses when it observed
 * something, and who holds a stolen key would date it back.
 */
export function isDistrusted(
  verdict: { kid: string | null; atMs: number; receivedMs: number },
  rules: readonly DistrustRule[],
): boolean {
  return rules.some(
    ({ kid, sinceMs }) => kid === verdict.kid && (verdict.atMs >= sinceMs || verdict.receivedMs >= sinceMs),
  );
}

/** Rules with one of them put in place of what held for its key before. */
export function withRule(rules: readonly DistrustRule[], rule: DistrustRule): DistrustRule[] {
  const { kid, sinceMs } = rule;
  return [...rules.filter((other) => other.kid !== kid), { kid, sinceMs }];
}

/**
 * Where a fold can begin so that everything from an instant on comes out as in a fold of the whole
 * lane: the last statement before it that owes nothing to the past. `null` = at the first verdict.
 *
 * @param notOf keys whose evidence may not count any more, although the lane still rests on it
 */
export function restartBefore(
  believed: readonly LaneInterval[],
  beforeMs: number,
  notOf: readonly string[] = [],
): number | null {
  const start = believed.findLast(
    ({ state, fromMs, statement }) =>
      state !== "stale" && fromMs < beforeMs && !(statement.kid !== null && notOf.includes(statement.kid)),
  );
  return start?.fromMs ?? null;
}

/** When the newest verdict of an interval sequence was observed; `null` when it holds none. */
export function lastHeardMs(intervals: readonly LaneInterval[]): number | null {
  return intervals.findLast(({ lastMs }) => lastMs !== null)?.lastMs ?? null;
}

/**
 * A whole lane folded anew, with the gap at its beginning when its first evidence does not count: the lane
 * was there and said nothing that is worth anything, which is not the same as one that was never heard.
 *
 * @param believed the lane as it was; it begins when the lane was first heard, by evidence that counts or not
 * @param counted what the verdicts that count amount to
 */
export function keepVoid(
  believed: readonly LaneInterval[],
  counted: readonly LaneInterval[],
): LaneInterval[] {
  const [heard] = believed;
  const [first] = counted;
  if (!heard || (first && first.fromMs <= heard.fromMs)) return [...counted];
  return [{ ...voidOf(heard), toMs: first?.fromMs ?? null }, ...counted];
}

/** The gap that is left of an interval whose evidence does not count. */
export function voidOf(interval: LaneInterval): LaneInterval {
  const { kid } = interval.statement;
  return {
    fromMs: interval.fromMs,
    toMs: interval.toMs,
    state: "stale",
    afterFailure: false,
    evidenceKey: "",
    reason: isGap(interval) ? interval.reason : `No evidence that counts: key ${kid} is distrusted`,
    statement: interval.statement,
    hash: null,
    n: 0,
    firstMs: null,
    lastMs: null,
    roll: "",
  };
}

/** What has to be done with one lane. */
export type Refold =
  /** It does not rest on the key. */
  | { kind: "none" }
  /** Everything from some interval on rested on the key: what came before is all that is left. */
  | { kind: "tail"; keep: LaneInterval[] }
  /** Fold the verdicts that count from there on; `null` = all of them. */
  | { kind: "log"; restartMs: number | null };

/**
 * Decide how a lane is derived anew.
 *
 * All verdicts of one interval carry one key, because the key is part of what makes an interval. So a
 * lane that ends in the distrusted key needs no look into the log: this is what makes it fast.
 *
 * @param believed the lane, oldest first, the counters of the open interval brought up to date
 * @param task `fromMs` = earliest instant from which evidence of the key counts differently now;
 *   `restores` = some of it counts again; `otherKids` = the other distrusted keys of the source
 * @param lateFromMs earliest verdict of the key before `fromMs` that came in after it; `null` = none
 * @param hidden a verdict of another key has the instant at which an interval of this key begins: it was
 *   outdone there and comes to light now
 */
export function planRefold(
  believed: readonly LaneInterval[],
  task: DistrustRule & { fromMs: number; restores: boolean; otherKids: readonly string[] },
  lateFromMs: number | null,
  hidden: boolean,
): Refold {
  const fromMs = Math.min(task.fromMs, lateFromMs ?? Number.POSITIVE_INFINITY);
  const log: Refold = { kind: "log", restartMs: restartBefore(believed, fromMs, task.otherKids) };
  if (task.restores || lateFromMs !== null) return log;
  const ofKey = (interval: LaneInterval) => !isGap(interval) && interval.statement.kid === task.kid;
  const first = believed.findIndex((interval) => ofKey(interval) && (interval.lastMs ?? 0) >= task.sinceMs);
  const start = believed[first];
  if (!start) return { kind: "none" };
  const rest = believed.slice(first);
  const straddles = start.fromMs < task.sinceMs;
  if (straddles || hidden || rest.some((interval) => !isGap(interval) && !ofKey(interval))) return log;
  return { kind: "tail", keep: believed.slice(0, first) };
}

/** What is left when the end of a lane is cut off: its last statement goes on until silence ends it. */
export function reopen(
  keep: readonly LaneInterval[],
  limit: SilenceLimit,
  untilMs: number,
  chain: Chain,
): LaneInterval[] {
  const last = keep.findLastIndex((interval) => !isGap(interval));
  const seed = keep[last];
  if (!seed) return [];
  return [...keep.slice(0, last), ...foldLane([], limit, untilMs, chain, { ...seed, toMs: null })];
}
