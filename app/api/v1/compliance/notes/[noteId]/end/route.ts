import { z } from "zod";
import { NoteEnded } from "#lib/contracts/control";
import { ReasonBody } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { endControlNote } from "#lib/services/compliance/end-note";

/** POST /api/v1/compliance/notes/{noteId}/end — end a note before it expires. */
export const POST = route({
  permission: "compliance:manage",
  operation: "control_note.end",
  summary: "End a note about a control",
  schemas: { params: z.strictObject({ noteId: z.uuid() }), body: ReasonBody },
  output: NoteEnded,
  handle: (ctx, { params, body }) => endControlNote(ctx, { ...body, ...params }),
});
