import { RevokeServiceRoleBody, ServiceAccountParams } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { revokeServiceRole } from "#lib/services/service-account/roles";

/** POST /api/v1/service-accounts/{serviceAccountId}/roles/revoke — counts from its next request on. */
export const POST = route({
  permission: "user:manage",
  operation: "service_account.revoke_role",
  summary: "Take a role away from a service account",
  schemas: { params: ServiceAccountParams, body: RevokeServiceRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { params, body }) => revokeServiceRole(ctx, { ...body, ...params }),
});
