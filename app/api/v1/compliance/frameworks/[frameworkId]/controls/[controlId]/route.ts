import { z } from "zod";
import { ControlDetail, ControlListQuery } from "#lib/contracts/control";
import { route } from "#lib/server/http/route";
import { control } from "#lib/services/compliance/controls";

/** GET /api/v1/compliance/frameworks/{frameworkId}/controls/{controlId} — its measures and the notes about it. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "compliance.control",
  summary: "One control with its measures over a period and the notes about it",
  schemas: {
    params: z.strictObject({ frameworkId: z.string().max(100), controlId: z.string().max(100) }),
    query: ControlListQuery,
  },
  output: ControlDetail,
  handle: (ctx, { params, query }) => control(ctx, { ...query, ...params }),
});
