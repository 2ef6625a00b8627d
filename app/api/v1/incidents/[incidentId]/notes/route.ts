import { z } from "zod";
import { IncidentHandled, NoteIncidentBody } from "#lib/contracts/incident";
import { route } from "#lib/server/http/route";
import { noteIncident } from "#lib/services/incident/handle";

/** POST /api/v1/incidents/{incidentId}/notes — write down what was found. */
export const POST = route({
  permission: "incident:handle",
  idempotent: true,
  operation: "incident.note",
  summary: "Write into the course of an incident",
  schemas: { params: z.strictObject({ incidentId: z.uuid() }), body: NoteIncidentBody },
  output: IncidentHandled,
  handle: (ctx, { params, body }) => noteIncident(ctx, { ...body, ...params }),
});
