import { ServiceAccountParams, ServiceRoleBody } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { grantServiceRole } from "#lib/services/service-account/roles";

/** POST /api/v1/service-accounts/{serviceAccountId}/roles — or give it a new end. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "service_account.grant",
  summary: "Give a service account a role",
  schemas: { params: ServiceAccountParams, body: ServiceRoleBody },
  output: null,
  status: 204,
  handle: (ctx, { params, body }) => grantServiceRole(ctx, { ...body, ...params }),
});
