import { z } from "zod";
import { PolicyParams, RollbackBody } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { rollbackPolicy } from "#lib/services/policy/stage";

/** POST /api/v1/policies/{name}/rollback — go back to what was enforced before, in one action. */
export const POST = route({
  permission: "policy:rollback",
  idempotent: true,
  operation: "policy.rollback",
  summary: "Roll a policy back",
  schemas: { params: PolicyParams, body: RollbackBody },
  output: z.null(),
  handle: (ctx, { params, body }) => rollbackPolicy(ctx, { ...params, ...body }),
});
