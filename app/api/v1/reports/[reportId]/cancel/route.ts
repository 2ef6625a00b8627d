import { ReportCancelled, ReportParams } from "#lib/contracts/report";
import { route } from "#lib/server/http/route";
import { cancelReport } from "#lib/services/report/cancel";

/** POST /api/v1/reports/{reportId}/cancel — stop preparing a report. */
export const POST = route({
  permission: "export:read",
  keepsToReview: true,
  operation: "report.cancel",
  summary: "Cancel a report that waits or is being prepared",
  schemas: { params: ReportParams },
  output: ReportCancelled,
  handle: (ctx, { params }) => cancelReport(ctx, params),
});
