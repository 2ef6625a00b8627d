import { FleetSummary, FleetSummaryQuery } from "#lib/contracts/fleet";
import { route } from "#lib/server/http/route";
import { fleetSummary } from "#lib/services/fleet/summary";

/** GET /api/v1/fleet/summary — counts by trust status, now or as of an instant. */
export const GET = route({
  permission: "fleet:read",
  operation: "fleet.summary",
  summary: "Counts of the fleet at one instant",
  schemas: { query: FleetSummaryQuery },
  output: FleetSummary,
  handle: (ctx, { query }) => fleetSummary(ctx, query),
});
