import { z } from "zod";
import { NodeQuery, NodeView } from "#lib/contracts/node";
import { route } from "#lib/server/http/route";
import { nodeGet } from "#lib/services/node/get";

/** GET /api/v1/nodes/{nodeId} — one node, now or at an instant. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.get",
  summary: "One node: status, identities and lines of evidence",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: NodeQuery },
  output: NodeView,
  handle: (ctx, { params, query }) => nodeGet(ctx, { ...query, ...params }),
});
