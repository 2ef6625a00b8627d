import { PersonParams, RevokeRoleBody } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { revokeRole } from "#lib/services/access/revoke-role";

/** POST /api/v1/users/{userId}/roles/revoke — take a role away; the person's sessions end. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "role.revoke",
  summary: "Take a role away from a user",
  schemas: { params: PersonParams, body: RevokeRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { params, body }) => revokeRole(ctx, { ...params, ...body }),
});
