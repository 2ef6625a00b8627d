import { SessionParams } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { revokeSession } from "#lib/services/access/revoke-session";

/** DELETE /api/v1/sessions/{sessionId} — end one's own session, or one of somebody whom one manages. */
export const DELETE = route({
  permission: "account:own",
  operation: "session.revoke",
  summary: "End a session",
  schemas: { params: SessionParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => revokeSession(ctx, params),
});
