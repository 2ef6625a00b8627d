import { AuditExportQuery } from "#lib/contracts/audit";
import { attachment, piecesOf } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { auditExport } from "#lib/services/audit/export";

const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" } as const;

/** GET /api/v1/audit/export — audit entries as a file; the export is an entry of its own. */
export const GET = route({
  permission: "audit:read",
  operation: "audit.export",
  summary: "Audit entries as CSV or JSON lines",
  schemas: { query: AuditExportQuery },
  output: null,
  async handle(ctx, { query }) {
    const pieces = await auditExport(ctx, query);
    return attachment(piecesOf(pieces), {
      name: `audit.${query.format}`,
      mediaType: TYPES[query.format],
    });
  },
});
