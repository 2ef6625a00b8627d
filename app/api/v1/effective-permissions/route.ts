import { EffectivePermissions, EffectiveQuery } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { effectiveOf } from "#lib/services/access/effective";

/** GET /api/v1/effective-permissions — what somebody may do in a trust domain, and why. */
export const GET = route({
  permission: "user:read",
  operation: "access.effective",
  summary: "Effective permissions of a person or a service account",
  schemas: { query: EffectiveQuery },
  output: EffectivePermissions,
  handle: (ctx, { query }) => effectiveOf(ctx, query),
});
