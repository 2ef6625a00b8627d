import { z } from "zod";
import { LifecycleQuery, LifecycleView } from "#lib/contracts/lifecycle";
import { route } from "#lib/server/http/route";
import { lifecycleGet } from "#lib/services/lifecycle/get";

/** GET /api/v1/nodes/{nodeId}/lifecycle — where a node's life stands, its transitions and refused attempts. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.lifecycle",
  summary: "Life cycle of a node with its transitions and refused attempts",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: LifecycleQuery },
  output: LifecycleView,
  handle: (ctx, { params, query }) => lifecycleGet(ctx, { ...query, ...params }),
});
