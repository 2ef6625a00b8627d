import { GrantRoleBody, PersonParams } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { grantRole } from "#lib/services/access/grant-role";

/** POST /api/v1/users/{userId}/roles — give a role in a trust domain, or give it a new end. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "role.grant",
  summary: "Give a user a role",
  schemas: { params: PersonParams, body: GrantRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { params, body }) => grantRole(ctx, { ...params, ...body }),
});
