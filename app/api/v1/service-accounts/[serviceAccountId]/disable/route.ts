import { ServiceAccountParams } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { disableServiceAccount } from "#lib/services/service-account/set-disabled";

/** POST /api/v1/service-accounts/{serviceAccountId}/disable — counts from its next request on. */
export const POST = route({
  permission: "user:manage",
  operation: "service_account.disable",
  summary: "Keep a service account out",
  schemas: { params: ServiceAccountParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => disableServiceAccount(ctx, params),
});
