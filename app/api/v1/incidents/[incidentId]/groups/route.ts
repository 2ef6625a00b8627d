import { z } from "zod";
import { IncidentHandled, LinkIncidentBody } from "#lib/contracts/incident";
import { route } from "#lib/server/http/route";
import { linkIncident } from "#lib/services/incident/handle";

/** POST /api/v1/incidents/{incidentId}/groups — add a change to it. */
export const POST = route({
  permission: "incident:handle",
  idempotent: true,
  operation: "incident.link",
  summary: "Add a change to an incident",
  schemas: { params: z.strictObject({ incidentId: z.uuid() }), body: LinkIncidentBody },
  output: IncidentHandled,
  handle: (ctx, { params, body }) => linkIncident(ctx, { ...body, ...params }),
});
