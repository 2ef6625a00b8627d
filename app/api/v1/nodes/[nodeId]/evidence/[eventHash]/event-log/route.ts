import { z } from "zod";
import { EventLogs } from "#lib/contracts/event-log";
import { EventHash } from "#lib/contracts/node";
import { FixedQuery } from "#lib/contracts/time";
import { route } from "#lib/server/http/route";
import { nodeEventLog } from "#lib/services/node/event-log";

/** GET /api/v1/nodes/{nodeId}/evidence/{eventHash}/event-log — its logs, replayed and described. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.event_log",
  summary: "Measured-boot and IMA logs of one verdict's evidence, for explanation",
  schemas: { params: z.strictObject({ nodeId: z.uuid(), eventHash: EventHash }), query: FixedQuery },
  output: EventLogs,
  handle: (ctx, { params }) => nodeEventLog(ctx, params),
});
