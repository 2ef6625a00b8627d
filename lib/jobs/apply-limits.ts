/** A changed silence limit becomes a correction of history: gaps are derived again, nothing is rewritten. */
import { laneHeads } from "#db/queries/ingest-history";
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import { sourceNames } from "#db/queries/ingest-source";
import {
  laneNodesAfter,
  type WatchedSource,
  watchedSourceLock,
  watchedSources,
  watchSave,
} from "#db/queries/watch";
import { inTransaction, type SqlPool } from "#db/transaction";
import { reviseLanes, reviseNodes } from "#lib/ingest/revise-lanes";
import { laneNamer } from "#lib/ingest/store";
import type { Job } from "./job.ts";

/** Nodes per transaction: short enough that ingest never waits long for their locks. */
const BATCH = 100;

export const applyLimits: Job = {
  name: "apply-limits",
  everyMs: 10_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const source of await watchedSources(db.$client, now())) {
      if (signal.aborted) return "idle";
      if (source.refoldFrom !== null && (await refoldSome(db.$client, source, now()))) more = true;
    }
    return more ? "more" : "idle";
  },
};

/** @returns whether nodes are left */
function refoldSome(pool: SqlPool, before: WatchedSource, now: Date): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const source = await watchedSourceLock(client, before);
    if (!source?.refoldFrom) return false;
    const { trustDomainId, sourceId, refoldFrom } = source;
    const nodeIds = await laneNodesAfter(client, source, source.refoldAfter, BATCH);
    const last = nodeIds.at(-1);
    if (!last) {
      await watchSave(client, source, { refoldFrom: null, refoldAfter: null });
      return false;
    }
    const nodes = await nodeLock(client, trustDomainId, nodeIds);
    const scope = { client, trustDomainId, nowMs: now.getTime(), nodes };
    const heads = await laneHeads(client, trustDomainId, sourceId, nodeIds);
    const news = heads.map((head) => ({
      nodeId: head.nodeId,
      sourceId,
      submod: head.submod,
      head,
      verdicts: [],
      refoldFromMs: refoldFrom.getTime(),
    }));
    const changed = await reviseLanes(scope, news, source.limit, true);
    const moved = await reviseNodes(scope, changed, laneNamer(await sourceNames(client, trustDomainId)));
    await watchSave(client, source, { refoldAfter: last });
    if (changed.size > 0) await notifyChange(client, trustDomainId, ["fleet", "nodes", "sources"], moved);
    return true;
  });
}
