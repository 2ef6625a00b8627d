import { z } from "zod";
import { BaselineQuery, BaselineView } from "#lib/contracts/baseline";
import { route } from "#lib/server/http/route";
import { getBaseline } from "#lib/services/baseline/get";

/** GET /api/v1/baselines/{baselineId} — one baseline: versions, rollouts, signatures, coverage and match. */
export const GET = route({
  permission: "baseline:read",
  operation: "baseline.get",
  summary: "One baseline with its versions and rollouts",
  schemas: { params: z.strictObject({ baselineId: z.uuid() }), query: BaselineQuery },
  output: BaselineView,
  handle: (ctx, { params }) => getBaseline(ctx, params),
});
