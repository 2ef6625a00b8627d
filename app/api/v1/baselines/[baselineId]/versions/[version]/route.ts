import { z } from "zod";
import { BaselineQuery, VersionContent } from "#lib/contracts/baseline";
import { route } from "#lib/server/http/route";
import { getVersion } from "#lib/services/baseline/get";

/** GET /api/v1/baselines/{baselineId}/versions/{version} — what a version says, and its signed envelope. */
export const GET = route({
  permission: "baseline:read",
  operation: "baseline.version",
  summary: "Content and signature of a version",
  schemas: {
    params: z.strictObject({ baselineId: z.uuid(), version: z.coerce.number().int().min(1).max(1_000_000) }),
    query: BaselineQuery,
  },
  output: VersionContent,
  handle: (ctx, { params }) => getVersion(ctx, params),
});
