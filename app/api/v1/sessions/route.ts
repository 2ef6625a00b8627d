import { SessionList } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { sessionsOfPeople } from "#lib/services/access/sessions";

/** GET /api/v1/sessions — open sessions of everybody who holds a role in the caller's trust domains. */
export const GET = route({
  permission: "user:read",
  operation: "session.list",
  summary: "List open sessions",
  schemas: {},
  output: SessionList,
  handle: (ctx) => sessionsOfPeople(ctx),
});
