/** Taking a sink away. */
import { z } from "zod";
import { sinkDelete, sinkLock } from "#db/queries/sink";
import { command } from "#lib/services/command";
import { noSink } from "./list.ts";
import { auditedOf } from "./update.ts";

/**
 * Remove a sink with its secrets and dead letters. What it was told stays told.
 *
 * @throws {ProblemError} `sink/not-found`
 */
export const removeSink = command({
  name: "sink.remove",
  permission: "sink:manage",
  input: z.strictObject({ sinkId: z.uuid() }),
  target: ({ sinkId }) => sinkId,
  async run(tx, { actor }, { sinkId }) {
    const row = await sinkLock(tx, actor.trustDomainIds, sinkId);
    if (!row) throw noSink(sinkId);
    await sinkDelete(tx, row);
    const { trustDomainId } = row;
    return {
      result: { id: sinkId },
      audit: { trustDomainId, entity: "sink", entityId: sinkId, before: auditedOf(row), after: null },
    };
  },
});
