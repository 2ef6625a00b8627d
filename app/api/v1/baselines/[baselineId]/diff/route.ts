import { z } from "zod";
import { BaselineDiff, BaselineDiffQuery } from "#lib/contracts/baseline";
import { route } from "#lib/server/http/route";
import { diffVersions } from "#lib/services/baseline/get";

/** GET /api/v1/baselines/{baselineId}/diff?a=1&b=2 — what one version says otherwise than another. */
export const GET = route({
  permission: "baseline:read",
  operation: "baseline.diff",
  summary: "Differences between two versions",
  schemas: { params: z.strictObject({ baselineId: z.uuid() }), query: BaselineDiffQuery },
  output: BaselineDiff,
  handle: (ctx, { params, query }) => diffVersions(ctx, { ...query, ...params }),
});
