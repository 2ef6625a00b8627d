/**
 * What stands before the verdicts that are still kept, once the evidence of a key no longer counts.
 *
 * Pure. Before the horizon only intervals are left, not the verdicts behind them. An interval carries one
 * key, so it stands or falls as a whole. Times are epoch milliseconds.
 */
import { voidOf } from "./distrust.ts";
import { hasFailed, isGap, type LaneInterval, SILENCE } from "./history.ts";

/** Where the kept log of a lane begins, and the interval that was open there. */
export type Horizon = { throughMs: number; open: LaneInterval };

/** Evidence of a key before the horizon. */
export type VoidRule = {
  kid: string;
  /** Since when the key is distrusted. */
  sinceMs: number;
  /** At most `sinceMs`: evidence from here on may have been dated back, and what came in when is gone. */
  voidFromMs: number;
};

/** The lane up to the horizon: what is over, and what the kept log goes on from. */
export type KeptBefore = {
  before: LaneInterval[];
  open: LaneInterval;
  /** Something of it rested on the key. */
  changed: boolean;
};

/**
 * The lane up to its horizon without the evidence of a key. Everything else stays as it is believed.
 *
 * @param believed the lane, oldest first; what of it comes after the horizon's open interval is not looked at
 */
export function keepBefore(believed: readonly LaneInterval[], { open }: Horizon, rule: VoidRule): KeptBefore {
  const older = [...believed.filter(({ fromMs }) => fromMs < open.fromMs), open];
  const kept: LaneInterval[] = [];
  let changed = false;
  let voiding = false;
  for (const interval of older) {
    const last = kept.at(-1);
    if (restsOn(interval, rule)) {
      // That it failed before the key was lost is not forgotten: silence never improves a node.
      const failed = hasFailed(last) || (interval.fromMs < rule.sinceMs && hasFailed(interval));
      if (voiding) kept.pop();
      const begun = voiding && last ? last : voidOf(interval);
      kept.push({ ...begun, toMs: interval.toMs, afterFailure: failed });
      voiding = true;
      changed = true;
    } else if (voiding && last && isGap(interval)) {
      kept[kept.length - 1] = { ...last, toMs: interval.toMs };
    } else {
      kept.push(changed ? inherit(interval, last) : interval);
      voiding = false;
    }
  }
  return { before: kept.slice(0, -1), open: kept.at(-1) ?? open, changed };
}

function restsOn(interval: LaneInterval, { kid, voidFromMs }: VoidRule): boolean {
  const { statement, lastMs, fromMs } = interval;
  return !isGap(interval) && statement.kid === kid && (lastMs ?? fromMs) >= voidFromMs;
}

/** Whether silence follows a failure depends on what is left before it. */
function inherit(interval: LaneInterval, last: LaneInterval | undefined): LaneInterval {
  const silence: readonly string[] = Object.values(SILENCE);
  const follows = isGap(interval) ? silence.includes(interval.reason) : interval.state === "stale";
  const afterFailure = hasFailed(last);
  if (!follows || interval.afterFailure === afterFailure) return interval;
  if (!isGap(interval)) return { ...interval, afterFailure };
  return { ...interval, afterFailure, reason: SILENCE[afterFailure ? "afterFailure" : "plain"] };
}
