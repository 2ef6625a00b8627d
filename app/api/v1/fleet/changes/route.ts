import { FleetChangesQuery, RecentChanges } from "#lib/contracts/fleet";
import { route } from "#lib/server/http/route";
import { fleetChanges } from "#lib/services/fleet/changes";

/** GET /api/v1/fleet/changes — the newest changes of a node's trust status. */
export const GET = route({
  permission: "fleet:read",
  operation: "fleet.changes",
  summary: "Newest changes of trust status",
  schemas: { query: FleetChangesQuery },
  output: RecentChanges,
  handle: (ctx, { query }) => fleetChanges(ctx, query),
});
