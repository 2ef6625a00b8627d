import { z } from "zod";
import { CompareQuery, Comparison } from "#lib/contracts/compare";
import { route } from "#lib/server/http/route";
import { nodeCompare } from "#lib/services/node/compare";

/** GET /api/v1/nodes/{nodeId}/compare — what differs between two instants, or between two nodes. */
export const GET = route({
  permission: "evidence:read",
  operation: "node.compare",
  summary:
    "Differences between two instants of a node, two nodes, or a node and what a baseline expects of it",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: CompareQuery },
  output: Comparison,
  handle: (ctx, { params, query }) => nodeCompare(ctx, { ...query, ...params }),
});
