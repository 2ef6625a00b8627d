import {
  PauseReportScheduleBody,
  ReportScheduleChanged,
  ReportScheduleParams,
} from "#lib/contracts/report-schedule";
import { route } from "#lib/server/http/route";
import { pauseReportSchedule } from "#lib/services/report-schedule/pause";

/** POST /api/v1/report-schedules/{scheduleId}/pause — pause it, or take it up again with what comes due next. */
export const POST = route({
  permission: "export:read",
  operation: "report_schedule.pause",
  summary: "Pause a schedule of reports, or take it up again; what came due in between is not made",
  schemas: { params: ReportScheduleParams, body: PauseReportScheduleBody },
  output: ReportScheduleChanged,
  handle: (ctx, { params, body }) => pauseReportSchedule(ctx, { ...params, ...body }),
});
