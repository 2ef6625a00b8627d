/**
 * Geometry of the timeline: time to pixels and back, zoom, pan, and the ticks of its axis.
 *
 * Pure. Times are epoch milliseconds; ranges are half-open, `[fromMs, toMs)`.
 */

/** A stretch of time. */
export type Range = { fromMs: number; toMs: number };

/** Which clock the axis is labelled by. */
export type Zone = "utc" | "local";

/** The closest that one can zoom in. */
export const MIN_SPAN_MS = 10_000;

export function spanOf({ fromMs, toMs }: Range): number {
  return toMs - fromMs;
}

/** Horizontal position of an instant; may lie outside `0..widthPx`. */
export function xOf(range: Range, widthPx: number, atMs: number): number {
  return ((atMs - range.fromMs) / spanOf(range)) * widthPx;
}

/** Instant under a horizontal position; the inverse of {@link xOf}, rounded to a millisecond. */
export function msAt(range: Range, widthPx: number, xPx: number): number {
  return Math.round(range.fromMs + (xPx / Math.max(widthPx, 1)) * spanOf(range));
}

/** The range moved (and only if it must be, shortened) so that it lies within the bounds. */
export function clampRange(range: Range, bounds: Range): Range {
  const span = Math.min(Math.max(spanOf(range), MIN_SPAN_MS), Math.max(spanOf(bounds), MIN_SPAN_MS));
  const fromMs = Math.max(bounds.fromMs, Math.min(range.fromMs, bounds.toMs - span));
  return { fromMs, toMs: fromMs + span };
}

/**
 * Zoom while the instant under the pointer stays where it is.
 *
 * @param factor below 1 zooms in, above 1 zooms out
 */
export function zoomRange(range: Range, factor: number, anchorMs: number, bounds: Range): Range {
  const span = Math.max(spanOf(range) * factor, MIN_SPAN_MS);
  const share = (anchorMs - range.fromMs) / spanOf(range);
  const fromMs = Math.round(anchorMs - share * span);
  return clampRange({ fromMs, toMs: Math.round(fromMs + span) }, bounds);
}

/** Move the range without changing its length. */
export function panRange(range: Range, byMs: number, bounds: Range): Range {
  const by = Math.round(byMs);
  return clampRange({ fromMs: range.fromMs + by, toMs: range.toMs + by }, bounds);
}

/** Two instants in any order as a range that is never empty. */
export function rangeBetween(aMs: number, bMs: number): Range {
  const fromMs = Math.min(aMs, bMs);
  return { fromMs, toMs: Math.max(Math.max(aMs, bMs), fromMs + MIN_SPAN_MS) };
}

export type Tick = {
  atMs: number;
  label: string;
  /** Starts a larger unit: a day among hours, a month among days. */
  major: boolean;
};

type Unit = "second" | "minute" | "hour" | "day" | "week" | "month" | "year";
type Step = { unit: Unit; n: number; ms: number };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly Step[] = [
  ...[1, 5, 15, 30].map((n): Step => ({ unit: "second", n, ms: n * SECOND })),
  ...[1, 5, 15, 30].map((n): Step => ({ unit: "minute", n, ms: n * MINUTE })),
  ...[1, 3, 6, 12].map((n): Step => ({ unit: "hour", n, ms: n * HOUR })),
  ...[1, 2].map((n): Step => ({ unit: "day", n, ms: n * DAY })),
  { unit: "week", n: 1, ms: 7 * DAY },
  ...[1, 3, 6].map((n): Step => ({ unit: "month", n, ms: n * 30.5 * DAY })),
  ...[1, 2, 5, 10, 50].map((n): Step => ({ unit: "year", n, ms: n * 365.25 * DAY })),
];
const LONGEST_STEP: Step = { unit: "year", n: 100, ms: 36_525 * DAY };

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

type Parts = { year: number; month: number; day: number; hour: number; minute: number; second: number };

function partsOf(atMs: number, zone: Zone): Parts {
  const date = new Date(atMs);
  if (zone === "local") {
    return {
      year: date.getFullYear(),
      month: date.getMonth(),
      day: date.getDate(),
      hour: date.getHours(),
      minute: date.getMinutes(),
      second: date.getSeconds(),
    };
  }
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

function instantOf({ year, month, day, hour, minute, second }: Parts, zone: Zone): number {
  return zone === "local"
    ? new Date(year, month, day, hour, minute, second).getTime()
    : Date.UTC(year, month, day, hour, minute, second);
}

const DAYS_BEFORE_MONDAY = 6;
const WEEK_DAYS = 7;

/** The last multiple of the step at or before an instant, on the zone's own calendar. */
function floorTo(step: Step, atMs: number, zone: Zone): Parts {
  const parts = partsOf(atMs, zone);
  const down = (value: number) => value - (value % step.n);
  const start = { year: parts.year, month: 0, day: 1, hour: 0, minute: 0, second: 0 };
  switch (step.unit) {
    case "year":
      return { ...start, year: down(parts.year) };
    case "month":
      return { ...start, month: down(parts.month) };
    case "week": {
      const date = new Date(atMs);
      const weekday = zone === "local" ? date.getDay() : date.getUTCDay();
      const back = (weekday + DAYS_BEFORE_MONDAY) % WEEK_DAYS;
      return { ...start, month: parts.month, day: parts.day - back };
    }
    case "day":
      return { ...start, month: parts.month, day: parts.day - ((parts.day - 1) % step.n) };
    case "hour":
      return { ...start, month: parts.month, day: parts.day, hour: down(parts.hour) };
    case "minute":
      return { ...parts, minute: down(parts.minute), second: 0 };
    case "second":
      return { ...parts, second: down(parts.second) };
  }
}

function shift(parts: Parts, { unit, n }: Step, times: number): Parts {
  const by = n * times;
  switch (unit) {
    case "year":
      return { ...parts, year: parts.year + by };
    case "month":
      return { ...parts, month: parts.month + by };
    case "week":
      return { ...parts, day: parts.day + by * WEEK_DAYS };
    case "day":
      return { ...parts, day: parts.day + by };
    case "hour":
      return { ...parts, hour: parts.hour + by };
    case "minute":
      return { ...parts, minute: parts.minute + by };
    case "second":
      return { ...parts, second: parts.second + by };
  }
}

const two = (value: number) => String(value).padStart(2, "0");

function labelOf(atMs: number, { unit }: Step, zone: Zone): { label: string; major: boolean } {
  const { year, month, day, hour, minute, second } = partsOf(atMs, zone);
  const monthName = MONTHS[month] ?? "";
  const midnight = hour === 0 && minute === 0 && second === 0;
  switch (unit) {
    case "year":
      return { label: String(year), major: false };
    case "month":
      return month === 0 ? { label: String(year), major: true } : { label: monthName, major: false };
    case "week":
    case "day":
      return { label: `${day} ${monthName}`, major: day === 1 };
    case "hour":
    case "minute":
      if (midnight) return { label: `${day} ${monthName}`, major: true };
      return { label: `${two(hour)}:${two(minute)}`, major: false };
    case "second":
      return { label: `${two(hour)}:${two(minute)}:${two(second)}`, major: second === 0 };
  }
}

/**
 * Ticks of the axis: round instants of the chosen clock, in order, at least `minGapPx` apart.
 *
 * Calendar steps are counted on the calendar, so that a day with a clock change keeps its midnight.
 */
export function timeTicks(range: Range, widthPx: number, zone: Zone, minGapPx = 68): Tick[] {
  const span = spanOf(range);
  if (span <= 0 || widthPx <= 0) return [];
  const most = Math.max(1, widthPx / minGapPx);
  const step = STEPS.find((candidate) => span / candidate.ms <= most) ?? LONGEST_STEP;
  const start = floorTo(step, range.fromMs, zone);
  const ticks: Tick[] = [];
  for (let k = 0; ; k += 1) {
    const atMs = instantOf(shift(start, step, k), zone);
    if (atMs > range.toMs) return ticks;
    if (atMs < range.fromMs || atMs <= (ticks.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY)) continue;
    ticks.push({ atMs, ...labelOf(atMs, step, zone) });
  }
}
