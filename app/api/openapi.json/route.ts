import { route } from "#lib/server/http/route";
import description from "../../../docs/openapi.json" with { type: "json" };

/** GET /api/openapi.json — this API, described. */
export const GET = route({
  permission: "public",
  operation: "api.describe",
  summary: "OpenAPI description of this API",
  schemas: {},
  output: null,
  handle: () => Response.json(description),
});
