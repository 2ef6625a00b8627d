/** Writing a note about a control. */
import { z } from "zod";
import { noteInsert } from "#db/queries/control-note";
import { AddNoteBody } from "#lib/contracts/control";
import { NOTE_MAX_MS } from "#lib/domain/measure/control";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { controlOf, frameworkInUse, presently } from "./framework-of.ts";

/**
 * An exception, what compensates for it, that the control does not apply, or what was checked by hand. It ends.
 *
 * @throws {ProblemError} `compliance/unknown-framework`, `compliance/framework-retired`,
 *   `compliance/unknown-control`, `request/invalid` for an end in the past or more than a year ahead, and for a verdict on anything but a manual check
 */
export const addControlNote = command({
  name: "control_note.add",
  permission: "compliance:manage",
  input: AddNoteBody.extend({ frameworkId: z.string().max(100) }),
  target: ({ frameworkId, control }) => `${frameworkId} ${control}`,
  async run(tx, ctx, { frameworkId, control, kind, verdict, reason, expiresAt: until }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const framework = await frameworkInUse(tx, actor.trustDomainIds, frameworkId, presently(at));
    const { id: about } = controlOf(framework, control);
    const expiresAt = new Date(until);
    if (expiresAt <= at) throw refusal("expiresAt", "A note ends in the future.");
    if (expiresAt.getTime() - at.getTime() > NOTE_MAX_MS) {
      throw refusal("expiresAt", "A note ends within a year; renew it then.");
    }
    if ((kind === "manual") !== (verdict !== null)) {
      throw refusal("verdict", "A manual check says pass or fail, and nothing else does.");
    }
    const trustDomainId = domainFor(actor);
    const id = uuidv7(at);
    await noteInsert(tx, {
      ...{ trustDomainId, id, framework: framework.id, control: about, kind, verdict, reason, expiresAt },
      madeBy: actor.id,
      madeAt: at,
    });
    const ends = expiresAt.toISOString();
    return {
      result: { id, expiresAt: ends },
      audit: {
        trustDomainId,
        entity: "control_note",
        entityId: id,
        before: null,
        after: { framework: framework.id, control: about, kind, verdict, reason, expiresAt: ends },
      },
    };
  },
});

function refusal(field: string, detail: string): ProblemError {
  return new ProblemError("request/invalid", detail, { pointers: [{ pointer: `#/${field}`, detail }] });
}
