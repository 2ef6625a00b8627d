import { z } from "zod";
import { EventLogDifference } from "#lib/contracts/event-log";
import { EventHash } from "#lib/contracts/node";
import { FixedQuery } from "#lib/contracts/time";
import { route } from "#lib/server/http/route";
import { nodeEventLogDifference } from "#lib/services/node/event-log-difference";

/** GET /api/v1/nodes/{nodeId}/evidence/{eventHash}/event-log/difference — which events changed, in words. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.event_log_difference",
  summary: "Which events differ from the previous verdict of the same source, in words",
  schemas: { params: z.strictObject({ nodeId: z.uuid(), eventHash: EventHash }), query: FixedQuery },
  output: EventLogDifference,
  handle: (ctx, { params }) => nodeEventLogDifference(ctx, params),
});
