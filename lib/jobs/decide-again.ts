/** After a change of what decides: lines are decided again, node by node, until all of them are. */
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import { sourceNames } from "#db/queries/ingest-source";
import {
  decideAgainAdvance,
  decideAgainInsert,
  decideAgainTake,
  exceptionsSettle,
  nodesAfter,
} from "#db/queries/policy-work";
import { BY_INDEX, inTransaction, type SqlPool } from "#db/transaction";
import { reviseNodes } from "#lib/ingest/revise-lanes";
import { laneNamer } from "#lib/ingest/store";
import { uuidv7 } from "#lib/services/uuidv7";
import type { Job } from "./job.ts";

/** Nodes per transaction: short enough that ingest never waits long for their locks. */
const BATCH = 250;

export const decideAgain: Job = {
  name: "decide-again",
  everyMs: 2_000,
  async run({ db, now }) {
    await endExceptions(db.$client, now());
    return (await decideNext(db.$client, now)) ? "more" : "idle";
  },
};

/** What an exception kept from counting counts again when it is over. */
function endExceptions(pool: SqlPool, now: Date): Promise<void> {
  return inTransaction(pool, async (client) => {
    const ended = new Set((await exceptionsSettle(client, now)).map(({ trustDomainId }) => trustDomainId));
    for (const trustDomainId of ended) {
      await decideAgainInsert(client, {
        trustDomainId,
        id: uuidv7(now),
        cause: "exception",
        recordedAt: now,
      });
    }
  });
}

/**
 * Decide about the next nodes again and note the progress, in one transaction: a crash loses neither, and
 * nothing is done twice. History before the change comes out as it was.
 *
 * @returns whether there was anything to do
 */
export function decideNext(pool: SqlPool, now: () => Date, batch = BATCH): Promise<boolean> {
  return inTransaction(
    pool,
    async (client) => {
      const work = await decideAgainTake(client);
      if (!work) return false;
      const { trustDomainId } = work;
      const nodeIds = await nodesAfter(client, trustDomainId, work.lastNodeId, batch);
      const nodes = await nodeLock(client, trustDomainId, nodeIds);
      const nowMs = Math.max(now().getTime(), work.recordedAt.getTime());
      const scope = { client, trustDomainId, nowMs, nodes };
      const names = await sourceNames(client, trustDomainId);
      const moved = await reviseNodes(scope, new Set(nodeIds), laneNamer(names));
      const lastNodeId = nodeIds.length < batch ? null : (nodeIds.at(-1) ?? null);
      await decideAgainAdvance(client, work, { nodes: nodeIds.length, lastNodeId, now: new Date(nowMs) });
      if (moved.length > 0) await notifyChange(client, trustDomainId, ["fleet", "nodes"], moved);
      return true;
    },
    BY_INDEX,
  );
}
