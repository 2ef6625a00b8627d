/** Ending a note about a control before it expires. */
import { z } from "zod";
import { noteEnd, noteLock } from "#db/queries/control-note";
import { ReasonBody } from "#lib/contracts/identity";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";

/**
 * From now on it no longer stands beside the control; for periods that ended before, it does.
 *
 * @throws {ProblemError} `compliance/note-not-found`, `compliance/note-over`
 */
export const endControlNote = command({
  name: "control_note.end",
  permission: "compliance:manage",
  input: ReasonBody.extend({ noteId: z.uuid() }),
  target: ({ noteId }) => noteId,
  async run(tx, ctx, { noteId, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const row = await noteLock(tx, actor.trustDomainIds, noteId);
    if (!row) throw new ProblemError("compliance/note-not-found", `No note ${noteId}.`);
    if (row.endedAt || row.expiresAt <= at) {
      throw new ProblemError("compliance/note-over", "It has expired, or somebody ended it already.");
    }
    await noteEnd(tx, row, { endedAt: at, endedBy: actor.id });
    return {
      result: { id: noteId, endedAt: at.toISOString() },
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "control_note",
        entityId: noteId,
        before: { framework: row.framework, control: row.control, kind: row.kind },
        after: { endedAt: at.toISOString(), reason },
      },
    };
  },
});
