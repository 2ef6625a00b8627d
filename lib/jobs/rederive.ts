/** After a decision about a key: history is derived anew, node by node, until all of it is. */
import {
  distrustedSince,
  nodesOfSource,
  type RederivationRow,
  rederivationAdvance,
  rederivationTake,
} from "#db/queries/distrust";
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import { BY_INDEX, inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import { type DistrustTask, rederive, writeRederived } from "#lib/ingest/rederive";
import type { Job } from "./job.ts";

/** Nodes per transaction: short enough that ingest never waits long for their locks. */
const BATCH = 250;

export const rederiveHistory: Job = {
  name: "rederive",
  everyMs: 2_000,
  async run({ db, now }) {
    return (await rederiveNext(db.$client, now)) ? "more" : "idle";
  },
};

/**
 * Derive the next nodes anew and note the progress, in one transaction: a crash loses neither, and a
 * second process takes another decision or waits its turn.
 *
 * @returns whether there was anything to do
 */
export function rederiveNext(pool: SqlPool, now: () => Date, batch = BATCH): Promise<boolean> {
  return inTransaction(
    pool,
    async (client) => {
      const work = await rederivationTake(client);
      if (!work) return false;
      const { trustDomainId, sourceId } = work;
      const nodeIds = await nodesOfSource(client, trustDomainId, sourceId, work.lastNodeId, batch);
      const nodes = await nodeLock(client, trustDomainId, nodeIds);
      const nowMs = Math.max(now().getTime(), work.recordedAt.getTime());
      const scope = { client, trustDomainId, nowMs, nodes };
      const task = await taskOf(client, work);
      const result = task && nodeIds.length > 0 ? await rederive(scope, task) : null;
      if (result) await writeRederived(scope, result);
      const lastNodeId = nodeIds.length < batch ? null : (nodeIds.at(-1) ?? null);
      await rederivationAdvance(client, work, { nodes: nodeIds.length, lastNodeId, now: new Date(nowMs) });
      const moved = result?.fused.moves.map(({ nodeId }) => nodeId) ?? [];
      await notifyChange(client, trustDomainId, ["fleet", "nodes", "sources"], moved);
      return true;
    },
    BY_INDEX,
  );
}

/** What is in force by now decides, should there have been another decision about the key meanwhile. */
async function taskOf(client: SqlClient, work: RederivationRow): Promise<DistrustTask | null> {
  const { trustDomainId, sourceId, kid } = work;
  const sinceMs = await distrustedSince(client, trustDomainId, sourceId, kid);
  if (sinceMs === null) return null;
  const beforeMs = Math.min(work.since.getTime(), work.previousSince?.getTime() ?? Number.POSITIVE_INFINITY);
  return {
    sourceId,
    kid,
    sinceMs,
    earliestMs: Math.min(sinceMs, beforeMs),
    restores: beforeMs < sinceMs,
  };
}
