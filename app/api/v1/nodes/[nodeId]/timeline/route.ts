import { z } from "zod";
import { Timeline, TimelineQuery } from "#lib/contracts/node";
import { route } from "#lib/server/http/route";
import { nodeTimeline } from "#lib/services/node/timeline";

/** GET /api/v1/nodes/{nodeId}/timeline — intervals and events, as believed now or as known then. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.timeline",
  summary: "History of a node between two instants",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: TimelineQuery },
  output: Timeline,
  handle: (ctx, { params, query }) => nodeTimeline(ctx, { ...query, ...params }),
});
