import { z } from "zod";
import { PolicyParams, ShadowBody } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { startShadow } from "#lib/services/policy/stage";

/** POST /api/v1/policies/{name}/shadow — watch what a version would decide. */
export const POST = route({
  permission: "policy:write",
  idempotent: true,
  operation: "policy.shadow",
  summary: "Put a version of a policy in shadow",
  schemas: { params: PolicyParams, body: ShadowBody },
  output: z.null(),
  handle: (ctx, { params, body }) => startShadow(ctx, { ...params, ...body }),
});
