/** Taking a sender out of service. */
import { z } from "zod";
import { sourceDisable, sourceLock } from "#db/queries/source";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";

/**
 * Refuse everything a source sends from now on; what it sent stays. Idempotent.
 *
 * @throws {ProblemError} `source/not-found`
 */
export const disableSource = command({
  name: "source.disable",
  permission: "source:manage",
  input: z.strictObject({ sourceId: z.uuid() }),
  target: ({ sourceId }) => sourceId,
  async run(tx, { actor, now }, { sourceId }) {
    const before = await sourceLock(tx, actor.trustDomainIds, sourceId);
    if (!before) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
    const disabledAt = before.disabledAt ?? now();
    await sourceDisable(tx, actor.trustDomainIds, sourceId, disabledAt);
    return {
      result: { disabledAt: disabledAt.toISOString() },
      audit: {
        trustDomainId: before.trustDomainId,
        entity: "source",
        entityId: sourceId,
        before: { disabledAt: before.disabledAt },
        after: { disabledAt },
      },
    };
  },
});
