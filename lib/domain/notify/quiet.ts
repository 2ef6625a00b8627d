/** Hours in which people are left alone, as a clock on their wall shows them. */

/** `HH:MM` each; an end before the beginning is on the next day. They are never the same. */
export type QuietHours = {
  from: string;
  to: string;
  /** IANA name. */
  zone: string;
  /** Days on which they begin, 0 = Sunday; absent = each. */
  days?: readonly number[] | undefined;
};

const MINUTE_MS = 60_000;
/** Quiet that begins each day lasts less than a day, and a whole week of it at most seven. */
const LONGEST_MINUTES = 8 * 24 * 60;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const clocks = new Map<string, Intl.DateTimeFormat>();

/** @throws {RangeError} for a zone that nobody knows */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  clocks.set(zone, made);
  return made;
}

export function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Minutes since midnight. */
const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

export function isQuiet({ from, to, zone, days }: QuietHours, atMs: number): boolean {
  const parts = clockOf(zone).formatToParts(atMs);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const now = Number(part("hour")) * 60 + Number(part("minute"));
  const today = DAYS.indexOf(part("weekday"));
  const begins = (day: number) => days === undefined || days.includes(day);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start < end) return begins(today) && now >= start && now < end;
  return (begins(today) && now >= start) || (begins((today + 6) % 7) && now < end);
}

/** The first full minute, from an instant on, that is not quiet; the instant itself when it is not. */
export function quietUntil(quiet: QuietHours, atMs: number): number {
  if (!isQuiet(quiet, atMs)) return atMs;
  const first = Math.floor(atMs / MINUTE_MS) + 1;
  for (let minute = first; minute < first + LONGEST_MINUTES; minute += 1) {
    if (!isQuiet(quiet, minute * MINUTE_MS)) return minute * MINUTE_MS;
  }
  // Quiet without an end would lose what it holds back.
  return atMs;
}
