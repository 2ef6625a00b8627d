import { LogQuery } from "#lib/contracts/audit";
import { route } from "#lib/server/http/route";
import { logCheckpoint } from "#lib/services/audit/log-resources";

/** GET /api/v1/audit/checkpoint — the newest signed checkpoint (C2SP tlog-checkpoint). */
export const GET = route({
  permission: "public",
  operation: "audit.checkpoint",
  summary: "The newest signed checkpoint of an audit log",
  schemas: { query: LogQuery },
  output: null,
  async handle(ctx, { query }) {
    const note = await logCheckpoint(ctx.db, query.domain);
    return new Response(note, { headers: { "content-type": "text/plain; charset=utf-8" } });
  },
});
