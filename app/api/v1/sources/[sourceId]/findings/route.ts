import { z } from "zod";
import { FindingList, FindingListQuery } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { sourceFindings } from "#lib/services/source/findings";

/** GET /api/v1/sources/{sourceId}/findings — what was wrong with it, and when. */
export const GET = route({
  permission: "source:read",
  operation: "source.findings",
  summary: "Silence, weaker checks, clock and settings of a source over time",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), query: FindingListQuery },
  output: FindingList,
  handle: (ctx, { params, query }) => sourceFindings(ctx, { ...query, ...params }),
});
