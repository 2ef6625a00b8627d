import { FrameworkList, FrameworkListQuery } from "#lib/contracts/control";
import { route } from "#lib/server/http/route";
import { frameworks } from "#lib/services/compliance/controls";

/** GET /api/v1/compliance/frameworks — frameworks whose controls are mapped to measures. */
export const GET = route({
  permission: "compliance:read",
  operation: "compliance.frameworks",
  summary: "Frameworks whose controls are mapped to measures",
  schemas: { query: FrameworkListQuery },
  output: FrameworkList,
  handle: (ctx) => frameworks(ctx),
});
