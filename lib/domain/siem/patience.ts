/** How long a receiver that fails is left alone. */

const MINUTE_MS = 60_000;
const STEPS_MS = [
  5_000,
  30_000,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  60 * MINUTE_MS,
];

/**
 * @param failures in a row, this one included
 * @param askedMs what the receiver asked for; `null` = it did not. It may make the wait longer, never shorter
 */
export function patienceMs(failures: number, askedMs: number | null): number {
  const step = STEPS_MS[Math.min(Math.max(failures, 1), STEPS_MS.length) - 1] ?? 0;
  return Math.max(step, askedMs ?? 0);
}
