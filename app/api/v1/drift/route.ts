import { DriftList, DriftListQuery } from "#lib/contracts/drift-group";
import { route } from "#lib/server/http/route";
import { driftList } from "#lib/services/drift-group/list";

/** GET /api/v1/drift — changes that differ from baselines, grouped over nodes. */
export const GET = route({
  permission: "drift:read",
  operation: "drift.list",
  summary: "The drift inbox: one tab, with the counts of all",
  schemas: { query: DriftListQuery },
  output: DriftList,
  handle: (ctx, { query }) => driftList(ctx, query),
});
