import { GroupRoleBody } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { removeGroupRole } from "#lib/services/access/group-roles";

/** POST /api/v1/group-roles/remove — members hold it no more from their next sign-in on. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "group_role.remove",
  summary: "Take a role away from a group",
  schemas: { body: GroupRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { body }) => removeGroupRole(ctx, body),
});
