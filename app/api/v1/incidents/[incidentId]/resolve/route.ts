import { z } from "zod";
import { IncidentHandled, ResolveIncidentBody } from "#lib/contracts/incident";
import { route } from "#lib/server/http/route";
import { resolveIncident } from "#lib/services/incident/handle";

/** POST /api/v1/incidents/{incidentId}/resolve — say what it was. */
export const POST = route({
  permission: "incident:handle",
  idempotent: true,
  operation: "incident.resolve",
  summary: "Resolve an incident with a review",
  schemas: { params: z.strictObject({ incidentId: z.uuid() }), body: ResolveIncidentBody },
  output: IncidentHandled,
  handle: (ctx, { params, body }) => resolveIncident(ctx, { ...body, ...params }),
});
