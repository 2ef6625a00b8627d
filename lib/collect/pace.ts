/** How fast a target is asked: adapting, backing off, and not at all while its breaker is open. Pure. */
import type { Interval } from "./contract.ts";

export type Pace = {
  /** Between two successful polls. */
  intervalMs: number;
  /** Failures in a row. */
  failures: number;
  /** Not to be asked before this instant. */
  nextAtMs: number;
};

/** Instant and randomness (0 ≤ r < 1) of a decision. */
export type Moment = { nowMs: number; random: number };

/** Failures in a row after which the breaker opens. */
export const OPEN_AFTER = 5;
const FIRST_BACKOFF_MS = 1_000;
const FIRST_OPEN_MS = 30_000;
const MAX_WAIT_MS = 600_000;
const SLOW_DOWN = 1.5;

export function firstPace({ minMs }: Interval, nowMs: number): Pace {
  return { intervalMs: minMs, failures: 0, nextAtMs: nowMs };
}

/**
 * State of the circuit breaker. `half_open`: it was open, and the next poll decides.
 */
export function breakerOf({ failures, nextAtMs }: Pace, nowMs: number): "closed" | "open" | "half_open" {
  if (failures < OPEN_AFTER) return "closed";
  return nowMs < nextAtMs ? "open" : "half_open";
}

/**
 * After an answer: as fast as allowed while things move, then slower step by step.
 *
 * @param waitMs what the collector asks for itself; `null` = adapt
 */
export function afterSuccess(
  { intervalMs }: Pace,
  { changed, waitMs }: { changed: boolean; waitMs: number | null },
  { minMs, maxMs }: Interval,
  { nowMs, random }: Moment,
): Pace {
  const adapted = changed ? minMs : Math.min(maxMs, Math.max(minMs, intervalMs * SLOW_DOWN));
  // A tenth up or down, so that collectors that were started together drift apart.
  const jittered = adapted * (0.9 + 0.2 * random);
  return { intervalMs: adapted, failures: 0, nextAtMs: nowMs + Math.round(waitMs ?? jittered) };
}

/** After a failure: exponential, with jitter over the upper half of the wait. */
export function afterFailure({ intervalMs, failures }: Pace, { nowMs, random }: Moment): Pace {
  const count = failures + 1;
  const step =
    count < OPEN_AFTER ? FIRST_BACKOFF_MS * 2 ** (count - 1) : FIRST_OPEN_MS * 2 ** (count - OPEN_AFTER);
  const waitMs = Math.min(MAX_WAIT_MS, step) * (0.5 + 0.5 * random);
  return { intervalMs, failures: count, nextAtMs: nowMs + Math.round(waitMs) };
}
