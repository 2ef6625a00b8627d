import {
  CreateWorkloadTrustBody,
  ServiceAccountParams,
  WorkloadTrustView,
} from "#lib/contracts/service-account";
import { env } from "#lib/server/env";
import { route } from "#lib/server/http/route";
import { addWorkloadTrust } from "#lib/services/service-account/trusts";

/** POST /api/v1/service-accounts/{serviceAccountId}/trusts — one issuer, one subject or claims. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "service_account.trust",
  summary: "Let workload tokens count as a service account",
  schemas: { params: ServiceAccountParams, body: CreateWorkloadTrustBody },
  output: WorkloadTrustView,
  status: 201,
  handle: (ctx, { params, body }) => addWorkloadTrust(env().workloadIssuers)(ctx, { ...body, ...params }),
});
