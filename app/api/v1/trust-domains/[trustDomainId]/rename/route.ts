import { RenameTrustDomainBody, TrustDomainParams } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { renameTrustDomain } from "#lib/services/trust-domain/rename";

/** POST /api/v1/trust-domains/{trustDomainId}/rename — another name; nothing moves. */
export const POST = route({
  permission: "domain:manage",
  stepUp: true,
  operation: "trust_domain.rename",
  summary: "Rename a trust domain",
  schemas: { params: TrustDomainParams, body: RenameTrustDomainBody },
  output: null,
  status: 204,
  handle: (ctx, { params, body }) => renameTrustDomain(ctx, { ...params, ...body }),
});
