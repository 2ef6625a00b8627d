/** How far a sender's clock is off: stated against received time. Pure; milliseconds. */

/** From this difference on a clock counts as skewed. */
export const SKEW_MS = 60_000;
/** Fewer samples than this say nothing about a clock. */
const FEWEST_SAMPLES = 5;

export type Skew = {
  /** Stated minus received; positive = the sender's clock is ahead. */
  p50Ms: number;
  /** The least delayed messages: what delay cannot explain. */
  p95Ms: number;
  samples: number;
};

/** @returns `null` with too few samples */
export function skewOf(samples: readonly { statedMs: number; receivedMs: number }[]): Skew | null {
  if (samples.length < FEWEST_SAMPLES) return null;
  const offsets = samples.map(({ statedMs, receivedMs }) => statedMs - receivedMs).sort((a, b) => a - b);
  const at = (share: number) => offsets[Math.ceil(share * offsets.length) - 1] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), samples: offsets.length };
}

/**
 * Which way a clock is off.
 *
 * Nothing arrives before it was sent, so a message from the future proves a fast clock; the median
 * keeps one wrong message from deciding. One that is late may only have been slow: a clock counts as
 * behind when even the least delayed messages are.
 */
export function skewSign({ p50Ms, p95Ms }: Skew): "ahead" | "behind" | null {
  if (p50Ms > SKEW_MS) return "ahead";
  return p95Ms < -SKEW_MS ? "behind" : null;
}
