import { z } from "zod";
import { IncidentQuery, IncidentView } from "#lib/contracts/incident";
import { route } from "#lib/server/http/route";
import { incidentGet } from "#lib/services/incident/get";

/** GET /api/v1/incidents/{incidentId} — one incident with its course. */
export const GET = route({
  permission: "fleet:read",
  operation: "incident.get",
  summary: "One incident with its course, nodes and changes",
  schemas: { params: z.strictObject({ incidentId: z.uuid() }), query: IncidentQuery },
  output: IncidentView,
  handle: (ctx, { params }) => incidentGet(ctx, params),
});
