import { AskReportBody, ReportAsked, ReportList, ReportListQuery } from "#lib/contracts/report";
import { route } from "#lib/server/http/route";
import { askReport } from "#lib/services/report/ask";
import { reports } from "#lib/services/report/list";

/** GET /api/v1/reports — frozen compliance reports, the newest first. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "report.list",
  summary: "Compliance reports with their states, the newest first",
  schemas: { query: ReportListQuery },
  output: ReportList,
  handle: (ctx, { query }) => reports(ctx, query),
});

/** POST /api/v1/reports — ask for a report; it is prepared later and then never changes. */
export const POST = route({
  permission: "export:read",
  keepsToReview: true,
  idempotent: true,
  operation: "report.ask",
  summary:
    "Ask for a frozen report about a framework and a period, by what is known now or was at an instant",
  schemas: { body: AskReportBody },
  output: ReportAsked,
  status: 201,
  handle: (ctx, { body }) => askReport(ctx, body),
});
