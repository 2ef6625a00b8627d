import { FrameworkPreview, ReadFrameworkBody } from "#lib/contracts/own-framework";
import { route } from "#lib/server/http/route";
import { readOscalJson } from "#lib/server/oscal-reader";
import { previewFramework } from "#lib/services/own-framework/preview";

/** POST /api/v1/compliance/frameworks/preview — what importing a document would do. Stores nothing. */
export const POST = route({
  permission: "compliance:manage",
  operation: "framework.preview",
  summary: "What importing an OSCAL document would add, change and lose; stores nothing",
  schemas: { body: ReadFrameworkBody },
  output: FrameworkPreview,
  maxBodyBytes: 32 * 1024 * 1024,
  handle: (ctx, { body }) => previewFramework(ctx, body, readOscalJson),
});
