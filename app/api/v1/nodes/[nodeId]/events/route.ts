import { z } from "zod";
import { NodeEventsPage, NodeEventsQuery } from "#lib/contracts/node";
import { route } from "#lib/server/http/route";
import { nodeEvents } from "#lib/services/node/events";

/** GET /api/v1/nodes/{nodeId}/events — bootstrap events, newest first. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.events",
  summary: "Bootstrap events of a node, newest first",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: NodeEventsQuery },
  output: NodeEventsPage,
  handle: (ctx, { params, query }) => nodeEvents(ctx, { ...query, ...params }),
});
