import { FrozenReportQuery, ReportDetail, ReportParams } from "#lib/contracts/report";
import { route } from "#lib/server/http/route";
import { report } from "#lib/services/report/list";

/** GET /api/v1/reports/{reportId} — one report, what it says and which files it has. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "report.get",
  summary: "A report with its figures, digests and files; the rows are in its files",
  schemas: { params: ReportParams, query: FrozenReportQuery },
  output: ReportDetail,
  handle: (ctx, { params }) => report(ctx, params),
});
