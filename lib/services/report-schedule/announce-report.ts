/** Telling of scheduled reports over the routes of notifications: a link and a digest, never what the report says. */
import type { Tx } from "#db/client";
import type { ReportScheduleRow } from "#db/queries/report-schedule";
import type { Period } from "#lib/domain/report/schedule";
import { announce, type NewAnnouncement } from "#lib/services/notification/announce";
import { daysOf } from "./make.ts";

/** Path of the page with the schedules. */
const SCHEDULES = "/compliance/reports/schedules";

type About = { schedule: ReportScheduleRow; at: Date };

const common = ({ schedule: { trustDomainId, id, name, every, framework }, at }: About) => ({
  trustDomainId,
  subject: id,
  labels: { schedule: name, period: every, ...(framework === null ? {} : { framework }) },
  link: SCHEDULES,
  at,
});

export function announceReady(
  tx: Tx,
  told: About & { report: { id: string; title: string; digest: Buffer; partial: boolean } },
): Promise<void> {
  const { id, title, digest, partial } = told.report;
  const event: NewAnnouncement = {
    ...common(told),
    kind: "report.ready",
    title: `The report ${title} is ready`,
    summary: `${partial ? "Some of its files could not be written. " : ""}SHA-256 of the JSON file: ${digest.toString("hex")}`,
    link: `/compliance/reports/${id}`,
  };
  return announce(tx, event);
}

export function announceRefused(
  tx: Tx,
  told: About & { period: Period; problem: string; reportId?: string },
): Promise<void> {
  const { schedule, period, problem, reportId } = told;
  return announce(tx, {
    ...common(told),
    kind: "report.refused",
    title: `The report ${schedule.name} of ${daysOf(period)} could not be made`,
    summary: problem,
    ...(reportId === undefined ? {} : { link: `/compliance/reports/${reportId}` }),
  });
}

export function announceMissed(tx: Tx, told: About & { missed: readonly Period[] }): Promise<void> {
  const { schedule, missed } = told;
  return announce(tx, {
    ...common(told),
    kind: "report.missed",
    title: `Missed of ${schedule.name}: ${missed.length} ${missed.length === 1 ? "report" : "reports"}`,
    summary: `Not made while nobody was there to make them: ${missed.map(daysOf).join(", ")}`,
  });
}
