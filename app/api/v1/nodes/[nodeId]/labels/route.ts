import { z } from "zod";
import { LabelsView, PatchLabelsBody } from "#lib/contracts/baseline";
import { route } from "#lib/server/http/route";
import { labelNode } from "#lib/services/node/label";

/** PATCH /api/v1/nodes/{nodeId}/labels — set labels, or take them away with null. */
export const PATCH = route({
  permission: "node:label",
  operation: "node.label",
  summary: "Change the labels of a node",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), body: PatchLabelsBody },
  output: LabelsView,
  handle: (ctx, { params, body }) => labelNode(ctx, { ...body, ...params }),
});
