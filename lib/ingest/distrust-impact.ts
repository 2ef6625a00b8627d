/** What a decision about a key would change, by the decision's own computation, without writing. */
import { nodesForPreview, nodesOfSource } from "#db/queries/distrust";
import { inTransaction, type SqlPool } from "#db/transaction";
import { rederive } from "./rederive.ts";

const BATCH = 500;
/** Most nodes that are named; their total is always told. */
const NAMED = 200;
/** One picture of the database for all batches, although ingest goes on. */
const SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

export type Impact = {
  nodeIds: string[];
  moves: { from: string; to: string; nodes: number }[];
  named: { id: string; name: string; from: string; to: string; reason: string }[];
  movedTotal: number;
  intervals: number;
  firstMs: number | null;
  lastMs: number | null;
};

/**
 * @param currentMs since when the key is distrusted now; `null` = it is trusted
 */
export function distrustImpact(
  pool: SqlPool,
  key: { trustDomainId: string; sourceId: string; kid: string; sinceMs: number; currentMs: number | null },
  now: Date,
): Promise<Impact> {
  const { trustDomainId, sourceId, kid, sinceMs, currentMs } = key;
  const earliestMs = Math.min(sinceMs, currentMs ?? Number.POSITIVE_INFINITY);
  const task = { sourceId, kid, sinceMs, earliestMs, restores: currentMs !== null && currentMs < sinceMs };
  return inTransaction(
    pool,
    async (client) => {
      const impact: Impact = {
        nodeIds: [],
        moves: [],
        named: [],
        movedTotal: 0,
        intervals: 0,
        firstMs: null,
        lastMs: null,
      };
      const matrix = new Map<string, Impact["moves"][number]>();
      for (let after: string | null = null; ; ) {
        const ids = await nodesOfSource(client, trustDomainId, sourceId, after, BATCH);
        after = ids.at(-1) ?? null;
        if (after === null) break;
        const nodes = new Map(
          (await nodesForPreview(client, trustDomainId, ids)).map((node) => [node.nodeId, node]),
        );
        const result = await rederive({ client, trustDomainId, nowMs: now.getTime(), nodes }, task);
        if (!result) break;
        impact.nodeIds.push(...result.nodeIds);
        impact.intervals += result.rested.intervals;
        if (result.rested.intervals > 0) {
          impact.firstMs = Math.min(impact.firstMs ?? Number.POSITIVE_INFINITY, result.rested.firstMs);
          impact.lastMs = Math.max(impact.lastMs ?? Number.NEGATIVE_INFINITY, result.rested.lastMs);
        }
        for (const { nodeId, from, to, reason } of result.fused.moves) {
          const move = { from: from ?? "pending", to };
          const cell = matrix.get(`${move.from} ${to}`) ?? { ...move, nodes: 0 };
          cell.nodes += 1;
          matrix.set(`${move.from} ${to}`, cell);
          impact.movedTotal += 1;
          if (impact.named.length < NAMED) {
            impact.named.push({ id: nodeId, name: nodes.get(nodeId)?.name ?? nodeId, ...move, reason });
          }
        }
      }
      impact.moves = [...matrix.values()].sort((a, b) => b.nodes - a.nodes);
      return impact;
    },
    SNAPSHOT,
  );
}
