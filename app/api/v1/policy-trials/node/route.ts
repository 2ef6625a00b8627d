import { PolicyTrial, TestPolicyBody } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { policyTools } from "#lib/server/policy-tools";
import { testOnNode } from "#lib/services/policy/trial";

/** POST /api/v1/policy-trials/node — what a policy makes of one node now, rule by rule; stores nothing. */
export const POST = route({
  permission: "policy:read",
  operation: "policy.test_on_node",
  summary: "Test a policy on a node",
  schemas: { body: TestPolicyBody },
  output: PolicyTrial,
  handle: (ctx, { body }) => testOnNode(ctx, body, policyTools.trialOf),
});
