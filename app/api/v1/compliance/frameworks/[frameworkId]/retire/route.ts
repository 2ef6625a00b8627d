import { z } from "zod";
import { ReasonBody } from "#lib/contracts/identity";
import { FrameworkRetired } from "#lib/contracts/own-framework";
import { route } from "#lib/server/http/route";
import { retireFramework } from "#lib/services/own-framework/retire";

/** POST /api/v1/compliance/frameworks/{frameworkId}/retire — use an imported framework for nothing new. */
export const POST = route({
  permission: "compliance:manage",
  operation: "framework.retire",
  summary: "Retire an imported framework; it can be read as before",
  schemas: { params: z.strictObject({ frameworkId: z.string().max(100) }), body: ReasonBody },
  output: FrameworkRetired,
  handle: (ctx, { params, body }) => retireFramework(ctx, { ...body, ...params }),
});
