import { FrozenReportQuery, ReportFileParams } from "#lib/contracts/report";
import { REPORT_MEDIA_TYPES } from "#lib/domain/report/report";
import { attachment, bytesOf } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { downloadReport } from "#lib/services/report/download";

/** GET /api/v1/reports/{reportId}/files/{format} — a file of a report, the same bytes every time; an audit entry. */
export const GET = route({
  permission: "export:read",
  keepsToReview: true,
  operation: "report.download",
  summary: "A file of a report as it was written once, with its SHA-256 in Repr-Digest",
  schemas: { params: ReportFileParams, query: FrozenReportQuery },
  output: null,
  async handle(ctx, { params }) {
    const { digest, pieces } = await downloadReport(ctx, params);
    return attachment(bytesOf(pieces), {
      name: `report-${params.reportId}.${params.format}`,
      mediaType: REPORT_MEDIA_TYPES[params.format],
      headers: { "repr-digest": `sha-256=:${digest.toString("base64")}:` },
    });
  },
});
