import { PolicyList, PolicyQuery, SavedPolicy, SavePolicyBody } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { policies } from "#lib/services/policy/list";
import { savePolicy } from "#lib/services/policy/save";

/** GET /api/v1/policies — which policies there are, and what is in force. */
export const GET = route({
  permission: "policy:read",
  operation: "policy.list",
  summary: "Policies with what is in force of each",
  schemas: { query: PolicyQuery },
  output: PolicyList,
  handle: (ctx) => policies(ctx),
});

/** POST /api/v1/policies — save a text as the next version of the policy that it names. */
export const POST = route({
  permission: "policy:write",
  idempotent: true,
  operation: "policy.save",
  summary: "Save a version of a policy",
  schemas: { body: SavePolicyBody },
  output: SavedPolicy,
  status: 201,
  handle: (ctx, { body }) => savePolicy(ctx, body),
});
