/** When a message that did not arrive is tried again. The schedule of Standard Webhooks. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What passes before each try, from the first on. All ten together take three days and some hours. */
export const TRY_DELAYS_MS = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** A receiver that asks for patience is given so much of it at most. */
const MAX_PATIENCE_MS = 24 * HOUR;

/** After so long without anything arriving a channel is taken out of use, visibly. */
export const LONG_FAILURE_MS = 72 * HOUR;

/**
 * How long to wait after so many tries; `null` = it is given up.
 *
 * @param spread 0 to 1, random: waits differ by a tenth in each direction, so that what failed together is not
 *   tried together
 * @param askedMs what the receiver asked for; waits are never shorter
 */
export function waitAfter(tries: number, spread: number, askedMs: number | null = null): number | null {
  const delay = TRY_DELAYS_MS[tries];
  if (delay === undefined) return null;
  const spreadMs = Math.round(delay * (0.9 + 0.2 * Math.min(1, Math.max(0, spread))));
  return Math.max(spreadMs, Math.min(askedMs ?? 0, MAX_PATIENCE_MS));
}
