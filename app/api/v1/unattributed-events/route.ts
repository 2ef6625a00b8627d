import { NodeEventsPage, NodeEventsQuery } from "#lib/contracts/node";
import { route } from "#lib/server/http/route";
import { unattributedEvents } from "#lib/services/bootstrap/unattributed";

/** GET /api/v1/unattributed-events — bootstrap events that belong to no known node. */
export const GET = route({
  permission: "fleet:read",
  operation: "event.unattributed",
  summary: "Bootstrap events of no known node, newest first",
  schemas: { query: NodeEventsQuery },
  output: NodeEventsPage,
  handle: (ctx, { query }) => unattributedEvents(ctx, query),
});
