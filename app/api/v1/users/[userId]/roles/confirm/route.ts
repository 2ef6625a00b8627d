import { PersonParams } from "#lib/contracts/access";
import { ConfirmRoleBody } from "#lib/contracts/strong-role";
import { route } from "#lib/server/http/route";
import { confirmRole } from "#lib/services/access/confirm-role";

/** POST /api/v1/users/{userId}/roles/confirm — say that a strong role of somebody else is still needed. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "role.confirm",
  summary: "Confirm a strong role of a user",
  schemas: { params: PersonParams, body: ConfirmRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { params, body }) => confirmRole(ctx, { ...params, ...body }),
});
