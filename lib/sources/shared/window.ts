/** When a message is accepted, by its own dates. */
import type { InterpretContext } from "#lib/sources/contract";
import { Refusal } from "./refusal.ts";

/** Latest moment that the system stores: the end of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;

/** Dates that a message states, in epoch milliseconds; `null` when it does not state them. */
export type StatedTimes = { issuedAtMs: number; notBeforeMs: number | null; expiresAtMs: number | null };

/**
 * Refuse a message from outside the accepted time window.
 *
 * An import of history may be as old as it likes, and its results may have expired since. It must
 * not come from the future: such a verdict would outrank everything that follows it.
 *
 * @throws {Refusal} with category `expired`, or `claims` when the dates contradict each other
 */
export function requireWithinWindow(times: StatedTimes, context: InterpretContext): void {
  const { nowMs, settings, backfill } = context;
  if (times.expiresAtMs !== null && times.expiresAtMs < times.issuedAtMs) {
    throw new Refusal("claims", "expires before it was issued");
  }
  const latestMs = nowMs + settings.acceptFutureMs;
  if (times.issuedAtMs > latestMs) {
    throw new Refusal("expired", `dated ${iso(times.issuedAtMs)}, which is in the future`, "event/future");
  }
  if (times.notBeforeMs !== null && times.notBeforeMs > latestMs) {
    throw new Refusal("expired", `not valid before ${iso(times.notBeforeMs)}`, "event/future");
  }
  if (backfill) return;
  if (times.expiresAtMs !== null && times.expiresAtMs <= nowMs) {
    throw new Refusal("expired", `expired at ${iso(times.expiresAtMs)}`);
  }
  if (times.issuedAtMs < nowMs - settings.acceptPastMs) {
    throw new Refusal("expired", `dated ${iso(times.issuedAtMs)}, older than accepted`);
  }
}

/** Whether a number of epoch milliseconds is a moment from 1970 to 9999. */
export function isStorableTime(timeMs: number): boolean {
  return Number.isInteger(timeMs) && timeMs >= 0 && timeMs <= MAX_TIME_MS;
}

const RFC3339 = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * An RFC 3339 date and time with zone, as epoch milliseconds (finer digits are cut off).
 *
 * @returns `null` when the text is none, or names a day that does not exist
 */
export function parseInstant(text: string): number | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const timeMs = Date.parse(text);
  if (!isStorableTime(timeMs)) return null;
  // Date.parse rolls 30 February over into March; every month has the days up to 28.
  if (Number(match[1]) <= 28) return timeMs;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate();
  return day === Number(match[1]) ? timeMs : null;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
