import { ReportScheduleParams, ReportScheduleRan } from "#lib/contracts/report-schedule";
import { route } from "#lib/server/http/route";
import { runReportSchedule } from "#lib/services/report-schedule/run-now";

/** POST /api/v1/report-schedules/{scheduleId}/run — make the report of the last whole period now. */
export const POST = route({
  permission: "export:read",
  idempotent: true,
  operation: "report_schedule.run",
  summary: "Make the report of the last whole period now, in your name, besides those that are due",
  schemas: { params: ReportScheduleParams },
  output: ReportScheduleRan,
  status: 201,
  handle: (ctx, { params }) => runReportSchedule(ctx, params),
});
