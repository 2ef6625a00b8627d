import { PolicyQuery, PolicySchemaView } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { policySchema } from "#lib/services/policy/check";

/** GET /api/v1/policy-trials/schema — what the expressions of a policy may ask. */
export const GET = route({
  permission: "policy:read",
  operation: "policy.schema",
  summary: "Facts and functions that policies may use",
  schemas: { query: PolicyQuery },
  output: PolicySchemaView,
  handle: (ctx) => policySchema(ctx),
});
