/** Lengths and stretches of time, in milliseconds. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A stretch of time; half-open. `toMs: null` = still so. */
export type Stretch = { fromMs: number; toMs: number | null };

export function isWithin({ fromMs, toMs }: Stretch, atMs: number): boolean {
  return atMs >= fromMs && (toMs === null || atMs < toMs);
}
