/** What is typed about a schedule of reports. */
import type { CreateReportScheduleBody, ReportScheduleView } from "#lib/contracts/report-schedule";
import { REPORT_FORMATS, type ReportFormatId } from "#lib/domain/report/report";
import { REPORT_PERIODS, type ReportPeriod } from "#lib/domain/report/schedule";

export type ScheduleDraft = {
  name: string;
  /** `""` = none: every measure. */
  framework: string;
  q: string;
  every: ReportPeriod;
  dueDays: string;
  dueHour: string;
  formats: readonly ReportFormatId[];
  /** Addresses, between commas, spaces or lines. */
  recipients: string;
};

export function draftOf(view: ReportScheduleView | null): ScheduleDraft {
  if (view === null) {
    return {
      ...{ name: "", framework: "", q: "", every: "month", dueDays: "1", dueHour: "6" },
      ...{ formats: ["pdf", "zip"], recipients: "" },
    };
  }
  const { name, framework, q, every, dueDays, dueHour, formats, recipients } = view;
  return {
    ...{ name, framework: framework?.id ?? "", q, every, formats },
    ...{ dueDays: String(dueDays), dueHour: String(dueHour) },
    recipients: recipients.map(({ email }) => email).join(", "),
  };
}

export function bodyOf(draft: ScheduleDraft): CreateReportScheduleBody {
  const { name, framework, q, every, dueDays, dueHour, formats, recipients } = draft;
  return {
    ...{ name: name.trim(), framework: framework === "" ? null : framework, q: q.trim(), every },
    ...{ dueDays: Number(dueDays), dueHour: Number(dueHour), formats: [...formats] },
    recipients: [...new Set(recipients.toLowerCase().split(/[\s,;]+/))].filter((email) => email !== ""),
  };
}

export const periodNamed = (value: string): ReportPeriod =>
  REPORT_PERIODS.find((every) => every === value) ?? "month";

/** The snapshot is always among them. */
export const formatsNamed = (values: readonly string[]): ReportFormatId[] =>
  REPORT_FORMATS.filter((format) => format === "json" || values.includes(format));
