import { GroupRoleBody, GroupRoleList } from "#lib/contracts/access";
import { oidcAbout } from "#lib/server/auth-about";
import { route } from "#lib/server/http/route";
import { addGroupRole, groupRoles } from "#lib/services/access/group-roles";

/** GET /api/v1/group-roles — the identity provider and the roles that its groups give. */
export const GET = route({
  permission: "user:read",
  operation: "group_role.list",
  summary: "List the roles that groups give",
  schemas: {},
  output: GroupRoleList,
  handle: (ctx) => groupRoles(ctx, oidcAbout()),
});

/** POST /api/v1/group-roles — members of a group hold a role from their next sign-in on. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "group_role.add",
  summary: "Give a group a role",
  schemas: { body: GroupRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { body }) => addGroupRole(ctx, body),
});
