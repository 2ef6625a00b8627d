import { z } from "zod";
import { IncidentHandled, OwnIncidentBody } from "#lib/contracts/incident";
import { route } from "#lib/server/http/route";
import { ownIncident } from "#lib/services/incident/handle";

/** POST /api/v1/incidents/{incidentId}/owner — say who looks after it. */
export const POST = route({
  permission: "incident:handle",
  idempotent: true,
  operation: "incident.own",
  summary: "Give an incident an owner",
  schemas: { params: z.strictObject({ incidentId: z.uuid() }), body: OwnIncidentBody },
  output: IncidentHandled,
  handle: (ctx, { params, body }) => ownIncident(ctx, { ...body, ...params }),
});
