import { z } from "zod";
import { LogQuery } from "#lib/contracts/audit";
import { route } from "#lib/server/http/route";
import { logTile } from "#lib/services/audit/log-resources";

const Params = z.strictObject({ level: z.string(), path: z.array(z.string()).max(8) });

/** GET /api/v1/audit/tile/{level}/{path} — 256 hashes of a level of the tree (C2SP tlog-tiles). */
export const GET = route({
  permission: "public",
  operation: "audit.tile",
  summary: "A tile of hashes of an audit log",
  schemas: { params: Params, query: LogQuery },
  output: null,
  async handle(ctx, { params, query }) {
    const path = ["tile", params.level, ...params.path].join("/");
    const bytes = await logTile(ctx.db, query.domain, path);
    return new Response(Uint8Array.from(bytes), { headers: { "content-type": "application/octet-stream" } });
  },
});
