import { z } from "zod";
import { AddNoteBody, NoteAdded } from "#lib/contracts/control";
import { route } from "#lib/server/http/route";
import { addControlNote } from "#lib/services/compliance/add-note";

/** POST /api/v1/compliance/frameworks/{frameworkId}/notes — say something about a control, for a time. */
export const POST = route({
  permission: "compliance:manage",
  idempotent: true,
  operation: "control_note.add",
  summary: "Add an exception, a compensating note or a manual check to a control; it expires",
  schemas: { params: z.strictObject({ frameworkId: z.string().max(100) }), body: AddNoteBody },
  output: NoteAdded,
  status: 201,
  handle: (ctx, { params, body }) => addControlNote(ctx, { ...body, ...params }),
});
