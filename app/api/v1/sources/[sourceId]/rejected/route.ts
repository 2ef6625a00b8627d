import { z } from "zod";
import { RejectedPage, RejectedQuery } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { rejectedEvents } from "#lib/services/source/rejected";

/** GET /api/v1/sources/{sourceId}/rejected — what it sent that was refused. */
export const GET = route({
  permission: "rejected:read",
  operation: "source.rejected",
  summary: "Refused events of a source, last refused first",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), query: RejectedQuery },
  output: RejectedPage,
  handle: (ctx, { params, query }) => rejectedEvents(ctx, { ...query, ...params }),
});
