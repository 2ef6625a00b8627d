import { z } from "zod";
import { ControlMapped, MapControlBody, MappingExportQuery } from "#lib/contracts/own-framework";
import { attachment } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { exportMappings } from "#lib/services/own-framework/export-mappings";
import { mapControl } from "#lib/services/own-framework/map-control";

const Params = z.strictObject({ frameworkId: z.string().max(100) });

/** GET /api/v1/compliance/frameworks/{frameworkId}/mappings — what its controls are mapped to, as a file. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "control_mapping.export",
  summary: "The mappings of an imported framework as a JSON file",
  schemas: { params: Params, query: MappingExportQuery },
  output: null,
  async handle(ctx, { params }) {
    const mappings = await exportMappings(ctx, params);
    return attachment(`${JSON.stringify(mappings, null, 2)}\n`, {
      // The id was found, so that it holds nothing but hexadecimal digits.
      name: `mappings-${mappings.framework.id}.json`,
      mediaType: "application/json",
    });
  },
});

/** POST /api/v1/compliance/frameworks/{frameworkId}/mappings — map a control. */
export const POST = route({
  permission: "compliance:manage",
  operation: "control_mapping.set",
  summary: "Map a control of an imported framework to measures, or say why none speaks to it",
  schemas: { params: Params, body: MapControlBody },
  output: ControlMapped,
  handle: (ctx, { params, body }) => mapControl(ctx, { ...body, ...params }),
});
