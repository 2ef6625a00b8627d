/** Schedules of reports in words. */
import type { ReportRunView } from "#lib/contracts/report-schedule";
import type { ReportPeriod } from "#lib/domain/report/schedule";
import { STATE_WORDS } from "../report/report-words.ts";

export const PERIOD_WORDS: Readonly<Record<ReportPeriod, { adjective: string; noun: string }>> = {
  week: { adjective: "Weekly", noun: "week, from Monday on" },
  month: { adjective: "Monthly", noun: "month" },
  quarter: { adjective: "Quarterly", noun: "quarter" },
};

export const RUN_WORDS = {
  ...STATE_WORDS,
  REFUSED: { label: "Refused", tone: "danger" },
  MISSED: { label: "Missed", tone: "warn" },
} as const satisfies Readonly<Record<ReportRunView["state"], unknown>>;

const DAY_MS = 86_400_000;

/** First and last day, in UTC. */
export function daysOf({ from, to }: { from: string; to: string }): string {
  return `${from.slice(0, 10)} to ${new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10)}`;
}

/** When it is due, as a part of a sentence. */
export function dueWords({ dueDays, dueHour }: { dueDays: number; dueHour: number }): string {
  const hour = `${String(dueHour).padStart(2, "0")}:00 UTC`;
  if (dueDays === 0) return `at ${hour} after its end`;
  return `${dueDays} ${dueDays === 1 ? "day" : "days"} after its end, at ${hour}`;
}
