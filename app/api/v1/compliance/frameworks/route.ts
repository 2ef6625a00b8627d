import { FrameworkList, FrameworkListQuery } from "#lib/contracts/control";
import { FrameworkImported, ImportFrameworkBody } from "#lib/contracts/own-framework";
import { route } from "#lib/server/http/route";
import { readOscalJson } from "#lib/server/oscal-reader";
import { frameworks } from "#lib/services/compliance/frameworks";
import { importFramework } from "#lib/services/own-framework/import";

/** GET /api/v1/compliance/frameworks — frameworks whose controls are mapped to measures. */
export const GET = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "compliance.frameworks",
  summary: "Frameworks: built-in ones, then imported ones, retired ones included",
  schemas: { query: FrameworkListQuery },
  output: FrameworkList,
  handle: (ctx) => frameworks(ctx),
});

/** POST /api/v1/compliance/frameworks — import an OSCAL catalogue or profile, or the next version of one. */
export const POST = route({
  permission: "compliance:manage",
  idempotent: true,
  operation: "framework.import",
  summary: "Import an OSCAL catalogue or profile as a framework, or as the next version of one",
  schemas: { body: ImportFrameworkBody },
  output: FrameworkImported,
  status: 201,
  maxBodyBytes: 32 * 1024 * 1024,
  handle: (ctx, { body }) => importFramework(ctx, body, readOscalJson),
});
