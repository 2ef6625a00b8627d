import { ReportNoticeList, ReportScheduleQuery } from "#lib/contracts/report-schedule";
import { route } from "#lib/server/http/route";
import { reportNotices } from "#lib/services/report-schedule/list";

/** GET /api/v1/report-notices — scheduled reports that were made for the caller. */
export const GET = route({
  permission: "compliance:read",
  operation: "report_notice.list",
  summary: "Scheduled reports that you were told of within thirty days, the newest first",
  schemas: { query: ReportScheduleQuery },
  output: ReportNoticeList,
  handle: (ctx) => reportNotices(ctx),
});
