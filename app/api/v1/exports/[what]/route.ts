import { z } from "zod";
import { EXPORTS, ExportQuery } from "#lib/contracts/export";
import { attachment, piecesOf } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { VERSION } from "#lib/server/version";
import { exportList } from "#lib/services/export/stream";

const TYPES = {
  csv: "text/csv; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  ocsf: "application/x-ndjson; charset=utf-8",
} as const;

/** GET /api/v1/exports/{what} — a list as a file that can be gone on with; the export is an audit entry. */
export const GET = route({
  permission: "export:read",
  operation: "export.read",
  summary: "A list as CSV, JSON lines or OCSF inventory events, resumable by the cursor of its last row",
  schemas: { params: z.strictObject({ what: z.enum(EXPORTS) }), query: ExportQuery },
  output: null,
  async handle(ctx, { params: { what }, query }) {
    const pieces = await exportList(ctx, what, query, VERSION);
    return attachment(piecesOf(pieces), {
      name: `${what}.${query.format === "csv" ? "csv" : "jsonl"}`,
      mediaType: TYPES[query.format],
    });
  },
});
