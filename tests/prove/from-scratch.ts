/** What a database should believe, folded from its verdict log alone. */
import type { Pool, PoolClient } from "pg";
import { fusedIntervals, laneHeads, laneIntervals } from "#db/queries/ingest-history";
import { verdictsForFold } from "#db/queries/ingest-verdicts";
import { foldLane, type LaneInterval } from "#lib/domain/history";
import { laneLabel } from "#lib/domain/silence";
import { extendRoll } from "#lib/ingest/digest";
import { defaultLine } from "#tests/default-line";

type Scope = { trustDomainId: string; staleAfterMs: number; nowMs: number };

/** Whether every lane's and every node's recorded line equals the fold of all its verdicts. */
export async function foldedFromScratch(pool: Pool, scope: Scope): Promise<boolean> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ id: string; first_seen_at: Date }>(
      "SELECT id, first_seen_at FROM node",
    );
    for (const { id, first_seen_at } of rows) {
      if (!(await nodeAgrees(client, scope, id, first_seen_at.getTime()))) return false;
    }
    return true;
  } finally {
    client.release();
  }
}

async function nodeAgrees(
  client: PoolClient,
  { trustDomainId, staleAfterMs, nowMs }: Scope,
  nodeId: string,
  firstSeenMs: number,
): Promise<boolean> {
  const recorded = Map.groupBy(
    await laneIntervals(client, trustDomainId, [nodeId]),
    ({ sourceId, submod }) => `${sourceId}/${submod}`,
  );
  const lanes: { label: string; intervals: LaneInterval[] }[] = [];
  for (const rows of recorded.values()) {
    const [first] = rows;
    if (!first) return false;
    const folded = foldLane(
      await verdictsForFold(client, trustDomainId, first, null),
      staleAfterMs,
      nowMs,
      extendRoll,
    );
    const heads = await laneHeads(client, trustDomainId, first.sourceId, [nodeId]);
    const head = heads.find(({ submod }) => submod === first.submod)?.open;
    // The open interval is counted in the hot row.
    const stored = rows.map(({ interval }) => (interval.toMs === null ? head : interval));
    if (JSON.stringify(stored.map(comparable)) !== JSON.stringify(folded.map(comparable))) return false;
    const { rows: names } = await client.query<{ name: string }>("SELECT name FROM source WHERE id = $1", [
      first.sourceId,
    ]);
    lanes.push({ label: laneLabel(names[0]?.name ?? "", first.submod), intervals: folded });
  }
  lanes.sort((a, b) => (a.label < b.label ? -1 : 1));
  const fused = await fusedIntervals(client, trustDomainId, [nodeId]);
  const line = fused.map(({ fromMs, toMs, state, reason }) => ({ fromMs, toMs, state, reason }));
  return JSON.stringify(line) === JSON.stringify(defaultLine(lanes, firstSeenMs));
}

function comparable(interval: LaneInterval | undefined) {
  if (!interval) return null;
  const { fromMs, toMs, state, afterFailure, evidenceKey, hash, n, lastMs, roll } = interval;
  return { fromMs, toMs, state, afterFailure, evidenceKey, hash, n, lastMs, roll };
}
