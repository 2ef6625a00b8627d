import { LogQuery } from "#lib/contracts/audit";
import { route } from "#lib/server/http/route";
import { logVkeys } from "#lib/services/audit/log-resources";

/** GET /api/v1/audit/keys — the keys that sign a log's checkpoints, as C2SP vkeys, one per line. */
export const GET = route({
  permission: "public",
  operation: "audit.keys",
  summary: "The keys that sign an audit log",
  schemas: { query: LogQuery },
  output: null,
  async handle(ctx, { query }) {
    const text = await logVkeys(ctx.db, query.domain);
    return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
  },
});
