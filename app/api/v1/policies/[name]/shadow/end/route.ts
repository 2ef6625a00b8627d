import { z } from "zod";
import { PolicyParams } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { endShadow } from "#lib/services/policy/stage";

/** POST /api/v1/policies/{name}/shadow/end — stop watching. */
export const POST = route({
  permission: "policy:write",
  idempotent: true,
  operation: "policy.end_shadow",
  summary: "Take a policy out of shadow",
  schemas: { params: PolicyParams, body: z.strictObject({}) },
  output: z.null(),
  handle: (ctx, { params }) => endShadow(ctx, params),
});
