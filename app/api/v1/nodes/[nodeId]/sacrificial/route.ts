import { z } from "zod";
import { MarkSacrificialBody, SacrificialQuery, SacrificialView } from "#lib/contracts/sacrificial";
import { route } from "#lib/server/http/route";
import { askIdle } from "#lib/server/remediation-tools";
import { sacrificialGet } from "#lib/services/sacrificial/get";
import { markSacrificial } from "#lib/services/sacrificial/mark";

const params = z.strictObject({ nodeId: z.uuid() });

/** GET /api/v1/nodes/{nodeId}/sacrificial — whether recipes may be drilled on the node. */
export const GET = route({
  permission: "remediation:read",
  operation: "node.sacrificial",
  summary: "Whether recipes may be drilled for real on a node",
  schemas: { params, query: SacrificialQuery },
  output: SacrificialView,
  handle: (ctx, { params }) => sacrificialGet(ctx, params),
});

/** PUT /api/v1/nodes/{nodeId}/sacrificial — mark the node, for 30 days at most. */
export const PUT = route({
  permission: "remediation:configure",
  stepUp: true,
  operation: "node.mark_sacrificial",
  summary: "Mark a node as sacrificial",
  schemas: { params, body: MarkSacrificialBody },
  output: SacrificialView,
  handle: (ctx, { params, body }) => markSacrificial(ctx, { ...body, ...params }, askIdle),
});
