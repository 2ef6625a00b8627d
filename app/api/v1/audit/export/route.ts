import { AuditExportQuery } from "#lib/contracts/audit";
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
    const encoder = new TextEncoder();
    // Pulled as fast as it is read: a slow reader holds one page, not the file.
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pieces.return(undefined);
      },
    });
    return new Response(body, {
      headers: {
        "content-type": TYPES[query.format],
        "content-disposition": `attachment; filename="audit.${query.format}"`,
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
      },
    });
  },
});
