/** Ending an exception before it expires. */
import { z } from "zod";
import { clientOf } from "#db/client";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { exceptionDomain, exceptionEnd, exceptionLock } from "#db/queries/drift-exception";
import { ReasonBody } from "#lib/contracts/identity";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";

/**
 * From now on what it allowed is drift again; what it allowed before stays allowed.
 *
 * @throws {ProblemError} `exception/not-found`, `exception/over`
 */
export const endException = command({
  name: "exception.end",
  permission: "exception:manage",
  input: ReasonBody.extend({ exceptionId: z.uuid() }),
  target: ({ exceptionId }) => exceptionId,
  async run(tx, ctx, { exceptionId, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const trustDomainId = await exceptionDomain(tx, actor.trustDomainIds, exceptionId);
    // Before the row is locked: an assessment under way holds the one and wants the other.
    if (trustDomainId) await driftMarkAll(clientOf(tx), trustDomainId, at.getTime(), at);
    const row = await exceptionLock(tx, actor.trustDomainIds, exceptionId);
    if (!trustDomainId || !row) throw new ProblemError("exception/not-found", `No exception ${exceptionId}.`);
    if (row.endedAt || row.expiresAt <= at) {
      throw new ProblemError("exception/over", "It has expired, or somebody ended it already.");
    }
    await exceptionEnd(tx, row, { endedAt: at, endedBy: actor.id });
    return {
      result: { id: exceptionId, endedAt: at.toISOString() },
      audit: {
        trustDomainId,
        entity: "exception",
        entityId: exceptionId,
        before: { pattern: row.pattern, selector: row.selector, expiresAt: row.expiresAt.toISOString() },
        after: { endedAt: at.toISOString(), reason },
      },
    };
  },
});
