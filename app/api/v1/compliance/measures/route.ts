import { MeasureList, MeasureListQuery } from "#lib/contracts/compliance";
import { route } from "#lib/server/http/route";
import { measures } from "#lib/services/compliance/measures";

/** GET /api/v1/compliance/measures — every measure and figure over a period and the one before. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "compliance.measures",
  summary: "Measures over a period, each with numerator, denominator and the period before",
  schemas: { query: MeasureListQuery },
  output: MeasureList,
  handle: (ctx, { query }) => measures(ctx, query),
});
