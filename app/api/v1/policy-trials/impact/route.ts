import { ImpactBody, PolicyImpactView } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { policyTools } from "#lib/server/policy-tools";
import { impactOfPolicy } from "#lib/services/policy/trial";

/** POST /api/v1/policy-trials/impact — what enforcing a policy would move; stores nothing. */
export const POST = route({
  permission: "policy:read",
  operation: "policy.impact",
  summary: "Nodes that would move if a policy were enforced",
  schemas: { body: ImpactBody },
  output: PolicyImpactView,
  handle: (ctx, { body }) => impactOfPolicy(ctx, body, policyTools.impactOf),
});
