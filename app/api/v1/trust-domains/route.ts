import { CreatedTrustDomain, CreateTrustDomainBody, TrustDomainList } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { createTrustDomain } from "#lib/services/trust-domain/create";
import { trustDomainList } from "#lib/services/trust-domain/list";

/** GET /api/v1/trust-domains — the tree that the caller sees. */
export const GET = route({
  permission: "fleet:read",
  operation: "trust_domain.list",
  summary: "List trust domains",
  schemas: {},
  output: TrustDomainList,
  handle: (ctx) => trustDomainList(ctx),
});

/** POST /api/v1/trust-domains — a new one below one that the caller administers. */
export const POST = route({
  permission: "domain:manage",
  stepUp: true,
  operation: "trust_domain.create",
  summary: "Create a trust domain",
  schemas: { body: CreateTrustDomainBody },
  output: CreatedTrustDomain,
  status: 201,
  handle: (ctx, { body }) => createTrustDomain(ctx, body),
});
