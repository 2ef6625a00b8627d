import { z } from "zod";
import { NodeDrift, NodeDriftQuery } from "#lib/contracts/drift";
import { route } from "#lib/server/http/route";
import { nodeDrift } from "#lib/services/node/drift";

/** GET /api/v1/nodes/{nodeId}/drift — what differs from its baselines, by layer. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.drift",
  summary: "Differences between the evidence of a node and its baselines, by layer",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: NodeDriftQuery },
  output: NodeDrift,
  handle: (ctx, { params, query }) => nodeDrift(ctx, { ...query, ...params }),
});
