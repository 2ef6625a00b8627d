import { z } from "zod";
import { LogQuery } from "#lib/contracts/audit";
import { route } from "#lib/server/http/route";
import { logEntries } from "#lib/services/audit/log-resources";

const Params = z.strictObject({ path: z.array(z.string()).max(8) });

/** GET /api/v1/audit/tile/entries/{path} — 256 entries as the log commits to them (C2SP tlog-tiles). */
export const GET = route({
  permission: "audit:read",
  operation: "audit.entries",
  summary: "A bundle of entries of an audit log",
  schemas: { params: Params, query: LogQuery },
  output: null,
  async handle(ctx, { params, query }) {
    const path = ["tile", "entries", ...params.path].join("/");
    const bytes = await logEntries(ctx, query.domain, path);
    return new Response(Uint8Array.from(bytes), { headers: { "content-type": "application/octet-stream" } });
  },
});
