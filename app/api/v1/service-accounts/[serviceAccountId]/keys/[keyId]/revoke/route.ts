import { ServiceKeyParams } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { revokeServiceKey } from "#lib/services/service-account/keys";

/** POST /api/v1/service-accounts/{serviceAccountId}/keys/{keyId}/revoke — counts from the next request on. */
export const POST = route({
  permission: "user:manage",
  operation: "service_account.revoke_key",
  summary: "Revoke a key of a service account",
  schemas: { params: ServiceKeyParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => revokeServiceKey(ctx, params),
});
