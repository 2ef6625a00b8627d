import { StrongRoleList } from "#lib/contracts/strong-role";
import { route } from "#lib/server/http/route";
import { strongRoles } from "#lib/services/access/strong-roles";

/** GET /api/v1/strong-roles — who may approve, execute or administer, and who confirmed it when. */
export const GET = route({
  permission: "user:read",
  operation: "strong_role.list",
  summary: "List strong roles and their confirmations",
  schemas: {},
  output: StrongRoleList,
  handle: (ctx) => strongRoles(ctx),
});
