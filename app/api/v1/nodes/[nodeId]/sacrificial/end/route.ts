import { z } from "zod";
import { EndMarkBody, SacrificialView } from "#lib/contracts/sacrificial";
import { route } from "#lib/server/http/route";
import { endSacrificial } from "#lib/services/sacrificial/end";

/** POST /api/v1/nodes/{nodeId}/sacrificial/end — the node is one like any other again. */
export const POST = route({
  permission: "remediation:configure",
  operation: "node.end_sacrificial",
  summary: "End the sacrificial mark of a node",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), body: EndMarkBody },
  output: SacrificialView,
  handle: (ctx, { params, body }) => endSacrificial(ctx, { ...body, ...params }),
});
