/**
 * What a lane measured over time, as far as it is known.
 *
 * Pure. Silence, and statements without measurements, say nothing about what the machine is made of: what
 * was measured last goes on. So nobody sheds a finding by saying less. Times are epoch milliseconds.
 */
import type { MeasuredSpan } from "./drift-fold.ts";

/** As much of a lane's interval as counts here. */
export type LaneMoment = {
  fromMs: number;
  toMs: number | null;
  /** Silence, or evidence that does not count. */
  isGap: boolean;
  /** Hex; `null` = it came without measurements. */
  digest: string | null;
};

/**
 * Stretches of equal measurements, from an instant on.
 *
 * @param moments of one lane in order of time; those that end before the instant may be left out, but for
 *   the last one that measured something
 */
export function measuredSpans(moments: readonly LaneMoment[], fromMs: number): MeasuredSpan[] {
  const spans: MeasuredSpan[] = [];
  let digest: string | null = null;
  for (const moment of moments) {
    if (!moment.isGap && moment.digest !== null) digest = moment.digest;
    if (digest === null || (moment.toMs !== null && moment.toMs <= fromMs)) continue;
    const last = spans.at(-1);
    if (last?.digest === digest) {
      last.toMs = moment.toMs;
    } else {
      const startMs = Math.max(fromMs, moment.fromMs);
      if (last) last.toMs = startMs;
      spans.push({ fromMs: startMs, toMs: moment.toMs, digest });
    }
  }
  return spans;
}

/** The first instant at which one course of a lane measures something else than another; `null` = they agree. */
export function firstMeasuredTurn(
  before: readonly LaneMoment[],
  after: readonly LaneMoment[],
): number | null {
  const [a, b] = [
    measuredSpans(before, Number.NEGATIVE_INFINITY),
    measuredSpans(after, Number.NEGATIVE_INFINITY),
  ];
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [x, y] = [a[index], b[index]];
    if (x?.fromMs === y?.fromMs && x?.digest === y?.digest) continue;
    return Math.min(x?.fromMs ?? Number.POSITIVE_INFINITY, y?.fromMs ?? Number.POSITIVE_INFINITY);
  }
  return null;
}
