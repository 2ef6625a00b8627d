import { IncidentList, IncidentListQuery } from "#lib/contracts/incident";
import { route } from "#lib/server/http/route";
import { incidents } from "#lib/services/incident/list";

/** GET /api/v1/incidents — what many nodes showed together. */
export const GET = route({
  permission: "fleet:read",
  operation: "incident.list",
  summary: "Incidents, the newest first",
  schemas: { query: IncidentListQuery },
  output: IncidentList,
  handle: (ctx, { query }) => incidents(ctx, query),
});
