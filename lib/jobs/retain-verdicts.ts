/** Old verdicts make room: first the received bytes of repeats, later their rows, a partition at a time. */
import { verdictsForFold } from "#db/queries/ingest-verdicts";
import {
  laneBaseLock,
  laneBaseUpsert,
  type PartitionLane,
  partitionDrop,
  partitionDropRaw,
  partitionFreeze,
  partitionLanes,
  partitionLastReceipt,
  partitionTakeOver,
  retainedSinceRaise,
  retentionRead,
  type VerdictPartition,
  verdictPartitions,
} from "#db/queries/retention";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import { foldLane } from "#lib/domain/history";
import { extendRoll } from "#lib/ingest/digest";
import type { Job } from "./job.ts";

const DAY_MS = 86_400_000;
const LANES_AT_A_TIME = 500;

export const retainVerdicts: Job = {
  name: "retain-verdicts",
  everyMs: 3_600_000,
  async run({ db, now }) {
    const pool = db.$client;
    const at = now();
    const { verdictDays, rawDays } = await retentionRead(pool);
    const partitions = await verdictPartitions(pool);
    const dropBefore = new Date(at.getTime() - verdictDays * DAY_MS);
    for (const partition of partitions) {
      if (!(await isOlder(pool, partition, dropBefore))) continue;
      await dropVerdicts(pool, partition);
      return "more";
    }
    const slimBefore = new Date(at.getTime() - rawDays * DAY_MS);
    for (const partition of partitions) {
      if (partition.rawDropped || !(await isOlder(pool, partition, slimBefore))) continue;
      await inTransaction(pool, (client) => partitionDropRaw(client, partition, at));
      return "more";
    }
    return "idle";
  },
};

/** Imported history counts from its import on, not from when it happened: nobody imports to lose it. */
async function isOlder(pool: SqlPool, { name, toAt }: VerdictPartition, before: Date): Promise<boolean> {
  if (toAt > before) return false;
  const received = await partitionLastReceipt(pool, name);
  return received === null || received <= before;
}

/**
 * Drop one partition, once everything that must outlive it is taken over.
 *
 * Verdicts of its time are refused first, in a transaction of its own. One that was let in before that
 * holds the partition, which is waited for; one that comes to write later finds the partition gone,
 * tries again, and is refused.
 */
async function dropVerdicts(pool: SqlPool, { name, toAt }: VerdictPartition): Promise<void> {
  const since = await retainedSinceRaise(pool, toAt);
  await inTransaction(pool, async (client) => {
    await partitionFreeze(client, name);
    let after: PartitionLane | null = null;
    for (;;) {
      const lanes: PartitionLane[] = await partitionLanes(client, name, after, LANES_AT_A_TIME);
      for (const lane of lanes) await moveBase(client, lane, since.getTime());
      after = lanes.at(-1) ?? null;
      if (lanes.length < LANES_AT_A_TIME) break;
    }
    await partitionTakeOver(client, name);
    await partitionDrop(client, name);
  });
}

/** Fold what a lane has before `throughMs` into its base. Folding is the same in one go or in two. */
async function moveBase(client: SqlClient, lane: PartitionLane, throughMs: number): Promise<void> {
  const { trustDomainId, limit } = lane;
  const base = await laneBaseLock(client, trustDomainId, lane);
  if (base && base.throughMs >= throughMs) return;
  const verdicts = await verdictsForFold(client, trustDomainId, lane, base?.throughMs ?? null, throughMs);
  const lastMs = Math.max(...verdicts.map(({ atMs }) => atMs));
  const open = foldLane(verdicts, limit, lastMs, extendRoll, base?.open).at(-1);
  if (open) await laneBaseUpsert(client, trustDomainId, lane, { throughMs, open });
}
