import { z } from "zod";
import { ControlList, ControlListQuery } from "#lib/contracts/control";
import { route } from "#lib/server/http/route";
import { controls } from "#lib/services/compliance/controls";

/** GET /api/v1/compliance/frameworks/{frameworkId}/controls — what a period made of each control. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "compliance.controls",
  summary: "Controls of a framework with their status over a period",
  schemas: { params: z.strictObject({ frameworkId: z.string().max(100) }), query: ControlListQuery },
  output: ControlList,
  handle: (ctx, { params, query }) => controls(ctx, { ...query, ...params }),
});
