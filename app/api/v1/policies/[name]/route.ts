import { PolicyParams, PolicyQuery, PolicyView } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { policyGet } from "#lib/services/policy/list";

/** GET /api/v1/policies/{name} — one policy with its versions and stages. */
export const GET = route({
  permission: "policy:read",
  operation: "policy.get",
  summary: "One policy with its versions and stages",
  schemas: { params: PolicyParams, query: PolicyQuery },
  output: PolicyView,
  handle: (ctx, { params }) => policyGet(ctx, params),
});
