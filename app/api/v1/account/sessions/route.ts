import { SessionList } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { ownSessions } from "#lib/services/access/sessions";

/** GET /api/v1/account/sessions — one's own open sessions. */
export const GET = route({
  permission: "account:own",
  operation: "account.sessions",
  summary: "List one's own open sessions",
  schemas: {},
  output: SessionList,
  handle: (ctx) => ownSessions(ctx),
});
