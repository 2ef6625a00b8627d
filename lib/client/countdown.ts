import { formatDuration } from "./format.ts";

const MINUTE = 60_000;

/** Time that is left: in whole minutes, and in seconds for the last two minutes. Never reads longer than it is. */
export function countdownWords(leftMs: number): string {
  if (leftMs < 1_000) return "less than a second";
  if (leftMs < 2 * MINUTE) return formatDuration(leftMs);
  return formatDuration(Math.floor(leftMs / MINUTE) * MINUTE);
}
