import { CompareParams, FrozenReportQuery, ReportComparison } from "#lib/contracts/report";
import { route } from "#lib/server/http/route";
import { compareTwoReports } from "#lib/services/report/compare";

/** GET /api/v1/reports/{reportId}/compare/{otherId} — two reports, measure by measure. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "report.compare",
  summary: "What appeared, is resolved and is still open from the earlier report to the later one",
  schemas: { params: CompareParams, query: FrozenReportQuery },
  output: ReportComparison,
  handle: (ctx, { params }) => compareTwoReports(ctx, params),
});
