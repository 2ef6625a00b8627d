import { z } from "zod";
import { DriftGroupQuery, DriftGroupView } from "#lib/contracts/drift-group";
import { route } from "#lib/server/http/route";
import { driftGet } from "#lib/services/drift-group/get";

/** GET /api/v1/drift/{groupId} — one change: who shows it, how it spreads, what was decided. */
export const GET = route({
  permission: "drift:read",
  operation: "drift.get",
  summary: "One group of drift with its nodes, spread, outliers and decisions",
  schemas: { params: z.strictObject({ groupId: z.uuid() }), query: DriftGroupQuery },
  output: DriftGroupView,
  handle: (ctx, { params }) => driftGet(ctx, params),
});
