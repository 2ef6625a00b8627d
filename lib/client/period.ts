/**
 * Periods that people ask about by name: quarters of the calendar in UTC, the days up to now, and any other one by
 * its bounds, `from/to`.
 */
import type { ReviewView } from "#lib/contracts/access";

const DAY_MS = 86_400_000;
const RECENT: ReadonlyMap<string, number> = new Map([
  ["7d", 7],
  ["30d", 30],
  ["90d", 90],
]);
const QUARTER = /^(\d{4})q([1-4])$/;
const INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
const INTERVAL = new RegExp(`^(${INSTANT})/(${INSTANT})$`);
/** Earliest year that is offered and understood. */
const FIRST_YEAR = 2_000;

export const DEFAULT_PERIOD = "30d";

export type PeriodBounds = { from: string; to: string };
type Stretch = { fromMs: number; toMs: number };
type Choice = { value: string; label: string };

/**
 * The bounds of a period by its name; one that is not known, or that has not begun, is the default one.
 *
 * A period that is not over ends now.
 */
export function boundsOf(name: string, nowMs: number): PeriodBounds {
  const fixed = fixedStretch(name);
  if (fixed && fixed.fromMs < nowMs) {
    return boundsAt({ fromMs: fixed.fromMs, toMs: Math.min(fixed.toMs, nowMs) });
  }
  const days = RECENT.get(name) ?? RECENT.get(DEFAULT_PERIOD) ?? 30;
  return boundsAt({ fromMs: nowMs - days * DAY_MS, toMs: nowMs });
}

/** All of a quarter or of an interval, whether it is over or not; `null` for anything else. */
export function wholeBounds(name: string): PeriodBounds | null {
  const fixed = fixedStretch(name);
  return fixed && boundsAt(fixed);
}

function fixedStretch(name: string): Stretch | null {
  const [, year, quarter] = QUARTER.exec(name) ?? [];
  if (year && quarter) {
    const [fromMs, toMs] = [0, 1].map((more) => Date.UTC(Number(year), (Number(quarter) - 1 + more) * 3, 1));
    return real(fromMs, toMs);
  }
  const [, from = "", to = ""] = INTERVAL.exec(name) ?? [];
  return real(Date.parse(from), Date.parse(to));
}

/** `null` when it is no stretch of time that is understood. */
function real(fromMs = Number.NaN, toMs = Number.NaN): Stretch | null {
  return fromMs < toMs && fromMs >= Date.UTC(FIRST_YEAR, 0, 1) ? { fromMs, toMs } : null;
}

function boundsAt({ fromMs, toMs }: Stretch): PeriodBounds {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The name of a period by its bounds. */
const intervalName = ({ from, to }: PeriodBounds): string =>
  `${new Date(from).toISOString()}/${new Date(to).toISOString()}`;

/** The first and the last day, in UTC. */
export function dayWords({ from, to }: PeriodBounds): string {
  const [first, last] = [Date.parse(from), Date.parse(to) - 1].map((ms) => new Date(ms).toISOString());
  return `${first?.slice(0, 10)} to ${last?.slice(0, 10)}`;
}

/**
 * The period that a page shows: the one that was named, if it may be looked at.
 *
 * @param review the only one that the person may look at, which is shown where another was named; `null` = any
 */
export function periodShown(name: string | undefined, review: ReviewView | null, nowMs: number): string {
  if (!review) return name ?? DEFAULT_PERIOD;
  if (name === undefined) return intervalName(review);
  const { from, to } = boundsOf(name, nowMs);
  const inside = Date.parse(from) >= Date.parse(review.from) && Date.parse(to) <= Date.parse(review.to);
  return inside ? name : intervalName(review);
}

/** This quarter and the four before it. */
export function quarterChoices(nowMs: number): Choice[] {
  const now = new Date(nowMs);
  const current = now.getUTCFullYear() * 4 + Math.floor(now.getUTCMonth() / 3);
  return [0, 1, 2, 3, 4].map((back) => {
    const [year, quarter] = [Math.floor((current - back) / 4), ((current - back) % 4) + 1];
    return { value: `${year}q${quarter}`, label: `Q${quarter} ${year}${back === 0 ? ", so far" : ""}` };
  });
}

/** What the picker offers: recent days and quarters; in a review all of it and the months that lie in it. */
export function periodChoices(nowMs: number, review: ReviewView | null): Choice[] {
  if (review) {
    const whole = { value: intervalName(review), label: `The whole review, ${dayWords(review)}` };
    return [whole, ...monthsIn(review, nowMs)];
  }
  return [
    { value: "7d", label: "Last 7 days" },
    { value: "30d", label: "Last 30 days" },
    { value: "90d", label: "Last 90 days" },
    ...quarterChoices(nowMs),
  ];
}

function monthsIn({ from, to }: PeriodBounds, nowMs: number): Choice[] {
  const first = new Date(from);
  const end = Math.min(Date.parse(to), nowMs);
  const choices: Choice[] = [];
  for (let month = 0; ; month += 1) {
    const [fromMs = 0, toMs = 0] = [0, 1].map((more) =>
      Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month + more, 1),
    );
    if (fromMs >= end) return choices;
    if (fromMs < first.getTime() || toMs > Date.parse(to)) continue;
    const bounds = boundsAt({ fromMs, toMs });
    choices.push({ value: intervalName(bounds), label: bounds.from.slice(0, 7) });
  }
}
