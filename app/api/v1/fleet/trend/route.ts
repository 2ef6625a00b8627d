import { FleetTrend, FleetTrendQuery } from "#lib/contracts/fleet";
import { route } from "#lib/server/http/route";
import { fleetTrend } from "#lib/services/fleet/trend";

/** GET /api/v1/fleet/trend — counts by trust status over time. */
export const GET = route({
  permission: "fleet:read",
  operation: "fleet.trend",
  summary: "Counts of the fleet at evenly spaced instants",
  schemas: { query: FleetTrendQuery },
  output: FleetTrend,
  handle: (ctx, { query }) => fleetTrend(ctx, query),
});
