import {
  CreatedServiceKey,
  CreateServiceKeyBody,
  ServiceAccountParams,
} from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { createServiceKey } from "#lib/services/service-account/keys";

/** POST /api/v1/service-accounts/{serviceAccountId}/keys — the secret is told once. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "service_account.create_key",
  summary: "Create a key of a service account",
  schemas: { params: ServiceAccountParams, body: CreateServiceKeyBody },
  output: CreatedServiceKey,
  status: 201,
  handle: (ctx, { params, body }) => createServiceKey(ctx, { ...body, ...params }),
});
