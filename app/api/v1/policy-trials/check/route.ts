import { CheckPolicyBody, PolicyCheck } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { checkPolicy } from "#lib/services/policy/check";

/** POST /api/v1/policy-trials/check — faults of a text with their places; stores nothing. */
export const POST = route({
  permission: "policy:read",
  operation: "policy.check",
  summary: "Check the text of a policy and run its tests",
  schemas: { body: CheckPolicyBody },
  output: PolicyCheck,
  handle: (ctx, { body }) => checkPolicy(ctx, body),
});
