import { WorkloadTrustParams } from "#lib/contracts/service-account";
import { route } from "#lib/server/http/route";
import { removeWorkloadTrust } from "#lib/services/service-account/trusts";

/** POST /api/v1/service-accounts/{serviceAccountId}/trusts/{trustId}/remove — counts from the next request on. */
export const POST = route({
  permission: "user:manage",
  operation: "service_account.distrust",
  summary: "Trust an issuer no more",
  schemas: { params: WorkloadTrustParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => removeWorkloadTrust(ctx, params),
});
