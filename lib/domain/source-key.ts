/** The life of a key that vouches for a source's messages: prepared, active, retired; distrusted at any time. */

export const KEY_STATES = ["prepared", "active", "retired", "distrusted"] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** What an operator does with a key, in the order of a rotation. */
export type KeyStep = "activate" | "retire";

/** Nothing leads back: a retired key stays retired, and a distrusted one is never believed again. */
const STEPS: Readonly<Record<KeyStep, { from: readonly KeyState[]; to: KeyState }>> = {
  activate: { from: ["prepared"], to: "active" },
  retire: { from: ["prepared", "active"], to: "retired" },
};

/** The state that a step leads to; `null` when the key's state does not allow it. */
export function keyStateAfter(state: string, step: KeyStep): KeyState | null {
  const { from, to } = STEPS[step];
  return (from as readonly string[]).includes(state) ? to : null;
}

/** A stored key's times in epoch milliseconds. */
export type KeyLife = {
  state: string;
  validFromMs: number;
  validToMs: number | null;
  /** End of the grace period; only a retired key has one. */
  acceptUntilMs: number | null;
};

/**
 * How long a key vouches for messages, by the instant that they were signed at.
 *
 * @returns `"always"`, the last instant in epoch milliseconds, or `null` when it vouches for nothing now
 */
export function vouchesUntil(key: KeyLife, nowMs: number): "always" | number | null {
  if (key.state === "retired") return key.acceptUntilMs;
  if (key.state !== "active" && key.state !== "prepared") return null;
  if (key.validFromMs > nowMs || (key.validToMs !== null && key.validToMs <= nowMs)) return null;
  return "always";
}
