import {
  CreateReportScheduleBody,
  ReportScheduleChanged,
  ReportScheduleList,
  ReportScheduleQuery,
} from "#lib/contracts/report-schedule";
import { route } from "#lib/server/http/route";
import { createReportSchedule } from "#lib/services/report-schedule/create";
import { reportSchedules } from "#lib/services/report-schedule/list";

/** GET /api/v1/report-schedules — reports that come again and again, what became of them, and what comes next. */
export const GET = route({
  permission: "compliance:read",
  operation: "report_schedule.list",
  summary: "Schedules of reports with the last twenty periods of each and the next three",
  schemas: { query: ReportScheduleQuery },
  output: ReportScheduleList,
  handle: (ctx) => reportSchedules(ctx),
});

/** POST /api/v1/report-schedules — have a report made after every week, month or quarter. */
export const POST = route({
  permission: "export:read",
  idempotent: true,
  operation: "report_schedule.create",
  summary: "Have a report made after every period, in your name and by your rights at that moment",
  schemas: { body: CreateReportScheduleBody },
  output: ReportScheduleChanged,
  status: 201,
  handle: (ctx, { body }) => createReportSchedule(ctx, body),
});
