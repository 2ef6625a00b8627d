import { z } from "zod";
import { MeasureDetail, MeasureQuery } from "#lib/contracts/compliance";
import { route } from "#lib/server/http/route";
import { measure } from "#lib/services/compliance/measure";

/** GET /api/v1/compliance/measures/{measureId} — one measure with the rows that it is made of. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "compliance.measure",
  summary: "One measure over a period with its rows",
  schemas: { params: z.strictObject({ measureId: z.string().max(100) }), query: MeasureQuery },
  output: MeasureDetail,
  handle: (ctx, { params, query }) => measure(ctx, { ...query, ...params }),
});
