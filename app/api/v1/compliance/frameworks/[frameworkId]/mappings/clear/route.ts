import { z } from "zod";
import { ClearMappingBody, ControlMapped } from "#lib/contracts/own-framework";
import { route } from "#lib/server/http/route";
import { clearMapping } from "#lib/services/own-framework/clear-mapping";

/** POST /api/v1/compliance/frameworks/{frameworkId}/mappings/clear — take the mapping of a control back. */
export const POST = route({
  permission: "compliance:manage",
  operation: "control_mapping.clear",
  summary: "Take back what a control of an imported framework is mapped to",
  schemas: { params: z.strictObject({ frameworkId: z.string().max(100) }), body: ClearMappingBody },
  output: ControlMapped,
  handle: (ctx, { params, body }) => clearMapping(ctx, { ...body, ...params }),
});
