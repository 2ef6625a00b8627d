/**
 * When reports that come again and again are due. Pure, and in UTC: no clock that people turn has a say in it.
 *
 * Periods of one kind tile time without gaps: a week begins on Monday, a quarter with January, April, July or October.
 * Everything here is told in epoch milliseconds.
 */
import { dateOf } from "#lib/domain/iso-instant";

export const REPORT_PERIODS = ["week", "month", "quarter"] as const;
export type ReportPeriod = (typeof REPORT_PERIODS)[number];

/** The end is exclusive, and the beginning of the next one. */
export type Period = { from: number; to: number };

/** Due so many days after the end of the period, at an hour of that day. */
export type ScheduleRule = { every: ReportPeriod; dueDays: number; dueHour: number };

/** Most that a report may lag behind its period, in days. */
export const DUE_DAYS_MAX = 28;
/** Periods that are made up for after the worker was away; older ones are only listed. */
export const CATCH_UP_MAX = 3;
/** From the first of March of year 0 to 1970-01-01. */
const DAYS_TO_1970 = 719_468;
/** Periods that are looked at in one go; the rest has its turn right after. */
const AT_ONCE = 200;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** 1970-01-05, the first Monday of the epoch. */
const FIRST_MONDAY = 4 * DAY;

/** The period in which an instant lies. */
export function periodAround(every: ReportPeriod, ms: number): Period {
  if (every === "week") {
    const from = FIRST_MONDAY + Math.floor((ms - FIRST_MONDAY) / WEEK) * WEEK;
    return { from, to: from + WEEK };
  }
  const months = every === "month" ? 1 : 3;
  const first = Math.floor(monthOf(Math.floor(ms / DAY)) / months) * months;
  return { from: monthStart(first), to: monthStart(first + months) };
}

/** Months since year 0, January = 0, of a day since 1970-01-01. */
function monthOf(day: number): number {
  const { year, month } = dateOf(day);
  return year * 12 + month - 1;
}

/** When such a month begins; counted by years that begin with March. */
function monthStart(month: number): number {
  const fromMarch = month - 2;
  const year = Math.floor(fromMarch / 12);
  const days = 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return (days + Math.floor((153 * (fromMarch - year * 12) + 2) / 5) - DAYS_TO_1970) * DAY;
}

/** When the report about a period is due: never before the period is over. */
export const dueAt = ({ dueDays, dueHour }: ScheduleRule, { to }: Period): number =>
  to + dueDays * DAY + dueHour * HOUR;

/** The newest period that is due by an instant. */
export function newestDue(rule: ScheduleRule, nowMs: number): Period {
  let period = periodAround(rule.every, nowMs);
  while (dueAt(rule, period) > nowMs) period = periodAround(rule.every, period.from - 1);
  return period;
}

/** The last period that is over, due or not. */
export const lastOver = (every: ReportPeriod, nowMs: number): Period =>
  periodAround(every, periodAround(every, nowMs).from - 1);

/**
 * Up to where a schedule that is made, changed or taken up again has nothing to do: what was due before is not made up
 * for, and what was handled before is not handled again.
 */
export const beginningWith = (rule: ScheduleRule, nowMs: number, handledTo: number | null): number =>
  Math.max(newestDue(rule, nowMs).to, handledTo ?? Number.NEGATIVE_INFINITY);

/** The next periods that end after `handledTo`, whether due or not. */
export function comingPeriods(rule: ScheduleRule, handledTo: number, count: number): Period[] {
  const periods: Period[] = [];
  // One that began before is not cut: after a change of kind, the first period is a whole one as well.
  let at = handledTo;
  while (periods.length < count) {
    const period = periodAround(rule.every, at);
    periods.push(period);
    at = period.to;
  }
  return periods;
}

export type Due = {
  /** Not made any more, the oldest first. */
  missed: readonly Period[];
  /** To be made, the oldest first. */
  make: readonly Period[];
  /** Everything that ends by then is handled with these. */
  handledTo: number;
  /** When there is something to do again; in the past when not all was looked at. */
  nextAt: number;
};

/** What is to be done by an instant, given up to where everything was handled. */
export function duePeriods(rule: ScheduleRule, handledTo: number, nowMs: number): Due {
  const due: Period[] = [];
  let [next] = comingPeriods(rule, handledTo, 1);
  while (next && due.length < AT_ONCE && dueAt(rule, next) <= nowMs) {
    due.push(next);
    [next] = comingPeriods(rule, next.to, 1);
  }
  const nextAt = next ? dueAt(rule, next) : Number.POSITIVE_INFINITY;
  const cut = Math.max(0, due.length - CATCH_UP_MAX);
  const [missed, make] = [due.slice(0, cut), due.slice(cut)];
  // More is due than is looked at in one go: the last of these are not the last, and are looked at again.
  if (nextAt <= nowMs) return { missed, make: [], handledTo: missed.at(-1)?.to ?? handledTo, nextAt };
  return { missed, make, handledTo: due.at(-1)?.to ?? handledTo, nextAt };
}
