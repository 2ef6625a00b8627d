import { CreatedServiceKey, RotateServiceKeyBody, ServiceKeyParams } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { rotateServiceKey } from "#lib/services/service-account/keys";

/** POST /api/v1/service-accounts/{serviceAccountId}/keys/{keyId}/rotate — the old one counts on for the overlap. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "service_account.rotate_key",
  summary: "Replace a key of a service account",
  schemas: { params: ServiceKeyParams, body: RotateServiceKeyBody },
  output: CreatedServiceKey,
  status: 201,
  handle: (ctx, { params, body }) => rotateServiceKey(ctx, { ...body, ...params }),
});
