/** Keylime's `event_time`: C `asctime()`, in the verifier's own time zone. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ 0-3]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/**
 * Epoch milliseconds of an `asctime()` text, read as UTC because it names no zone.
 *
 * @returns `null` when the text is none, or names a moment that does not exist
 */
export function parseEventTime(text: string): number | null {
  const match = ASCTIME.exec(text);
  if (match === null) return null;
  const [, monthName = "", ...numbers] = match;
  const month = MONTHS.indexOf(monthName);
  const [day = 0, hour = 0, minute = 0, second = 0, year = 0] = numbers.map(Number);
  if (month < 0 || year < 1970) return null;
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  const exists =
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return exists ? date.getTime() : null;
}
