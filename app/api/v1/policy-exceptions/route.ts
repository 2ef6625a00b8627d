import { ExceptionBody, PolicyExceptionList, PolicyExceptionMade, PolicyQuery } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { makeException, policyExceptions } from "#lib/services/policy/exceptions";

/** GET /api/v1/policy-exceptions — exceptions from policies, unused and expired ones marked. */
export const GET = route({
  permission: "policy:read",
  operation: "policy_exception.list",
  summary: "Exceptions from policies",
  schemas: { query: PolicyQuery },
  output: PolicyExceptionList,
  handle: (ctx) => policyExceptions(ctx),
});

/** POST /api/v1/policy-exceptions — for some nodes a rule does not count until a given end. */
export const POST = route({
  permission: "policy:except",
  idempotent: true,
  operation: "policy.except",
  summary: "Make an exception from a policy",
  schemas: { body: ExceptionBody },
  output: PolicyExceptionMade,
  status: 201,
  handle: (ctx, { body }) => makeException(ctx, body),
});
