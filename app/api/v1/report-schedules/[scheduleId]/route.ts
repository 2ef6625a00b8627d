import {
  ChangeReportScheduleBody,
  ReportScheduleChanged,
  ReportScheduleParams,
  ReportScheduleQuery,
  ReportScheduleView,
} from "#lib/contracts/report-schedule";
import { route } from "#lib/server/http/route";
import { changeReportSchedule } from "#lib/services/report-schedule/change";
import { reportSchedule } from "#lib/services/report-schedule/list";
import { removeReportSchedule } from "#lib/services/report-schedule/pause";

/** GET /api/v1/report-schedules/{scheduleId} — one of them. */
export const GET = route({
  permission: "compliance:read",
  operation: "report_schedule.get",
  summary: "One schedule of reports",
  schemas: { params: ReportScheduleParams, query: ReportScheduleQuery },
  output: ReportScheduleView,
  handle: (ctx, { params }) => reportSchedule(ctx, params),
});

/** PUT /api/v1/report-schedules/{scheduleId} — change what is asked, when, for whom or in whose name. */
export const PUT = route({
  permission: "export:read",
  operation: "report_schedule.change",
  summary: "Change a schedule of reports that is yours, or whose compliance you manage",
  schemas: { params: ReportScheduleParams, body: ChangeReportScheduleBody },
  output: ReportScheduleChanged,
  handle: (ctx, { params, body }) => changeReportSchedule(ctx, { ...params, ...body }),
});

/** DELETE /api/v1/report-schedules/{scheduleId} — make no more of its reports; those that were made stay. */
export const DELETE = route({
  permission: "export:read",
  operation: "report_schedule.remove",
  summary: "Remove a schedule of reports; its reports stay",
  schemas: { params: ReportScheduleParams },
  output: ReportScheduleChanged,
  handle: (ctx, { params }) => removeReportSchedule(ctx, params),
});
