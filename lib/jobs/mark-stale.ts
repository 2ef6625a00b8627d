/** Silence becomes history: lanes that were not heard within their limit get a gap. */
import { laneHeads } from "#db/queries/ingest-history";
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import { sourceNames } from "#db/queries/ingest-source";
import { nodeIdsSilentSince, type SilentSource, sourcesWithCadence } from "#db/queries/stale-lanes";
import { inTransaction, type SqlPool } from "#db/transaction";
import { isGap } from "#lib/domain/history";
import { reviseLanes, reviseNodes } from "#lib/ingest/revise-lanes";
import { laneNamer } from "#lib/ingest/store";
import type { Job } from "./job.ts";

/** Nodes per transaction: short enough that ingest never waits long for their locks. */
const BATCH = 200;

export const markStale: Job = {
  name: "mark-stale",
  everyMs: 10_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const source of await sourcesWithCadence(db.$client, now())) {
      if (signal.aborted) return "idle";
      if ((await markSource(db.$client, source, now())) === BATCH) more = true;
    }
    return more ? "more" : "idle";
  },
};

/** @returns how many silent nodes were found */
function markSource(
  pool: SqlPool,
  { trustDomainId, sourceId, staleAfterMs }: SilentSource,
  now: Date,
): Promise<number> {
  const before = new Date(now.getTime() - staleAfterMs);
  return inTransaction(pool, async (client) => {
    const nodeIds = await nodeIdsSilentSince(client, trustDomainId, sourceId, before, BATCH);
    if (nodeIds.length === 0) return 0;
    const nodes = await nodeLock(client, trustDomainId, nodeIds);
    const scope = { client, trustDomainId, nowMs: now.getTime(), foldAtMs: now.getTime(), nodes };
    // Read again under the lock: a verdict may have come in between.
    const heads = await laneHeads(client, trustDomainId, sourceId, nodeIds);
    const silent = heads.filter(({ open, lastMs }) => !isGap(open) && lastMs < before.getTime());
    const news = silent.map((head) => ({
      nodeId: head.nodeId,
      sourceId,
      submod: head.submod,
      head,
      verdicts: [],
    }));
    const changed = await reviseLanes(scope, news, staleAfterMs, true);
    const names = await sourceNames(client, trustDomainId);
    const moved = await reviseNodes(scope, changed, laneNamer(names));
    if (changed.size > 0) await notifyChange(client, trustDomainId, ["fleet", "nodes", "sources"], moved);
    return nodeIds.length;
  });
}
