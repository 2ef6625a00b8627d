import { ServiceAccountParams } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { enableServiceAccount } from "#lib/services/service-account/set-disabled";

/** POST /api/v1/service-accounts/{serviceAccountId}/enable — its keys count again. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "service_account.enable",
  summary: "Let a disabled service account in again",
  schemas: { params: ServiceAccountParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => enableServiceAccount(ctx, params),
});
