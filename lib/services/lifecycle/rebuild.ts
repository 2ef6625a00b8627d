/**
 * Folding every life again from its first record, to compare it with what is recorded, or to mend that.
 *
 * Where old verdicts were dropped, transitions from before are kept as they are.
 */
import { lifecycleAll } from "#db/queries/lifecycle-fold";
import { retentionRead } from "#db/queries/retention";
import type { SqlPool } from "#db/transaction";
import { foldLives } from "./fold.ts";

/** Nodes per transaction. */
const BATCH = 100;

export type Rebuilt = {
  /** Verdicts from before it are not kept: what lives owe to them was left as it is. `null` = all are kept. */
  keptSince: Date | null;
  nodes: number;
  differing: number;
  /** The first of those that differed. */
  examples: string[];
};

/**
 * Rebuild the lives of all nodes from the log.
 *
 * @param write `false` = only compare. Nodes with news that is not folded yet differ by it.
 */
export async function rebuildLives(
  pool: SqlPool,
  now: Date,
  { write }: { write: boolean },
): Promise<Rebuilt> {
  const { retainedSince } = await retentionRead(pool);
  const found: Rebuilt = { keptSince: retainedSince, nodes: 0, differing: 0, examples: [] };
  for (let after: string | null = null; ; ) {
    const page = await lifecycleAll(pool, after, BATCH);
    for (const [trustDomainId, some] of Map.groupBy(page, (node) => node.trustDomainId)) {
      const ids = some.map(({ nodeId }) => nodeId);
      const { nodes, changed } = await foldLives(pool, trustDomainId, ids, now, { fromScratch: true, write });
      found.nodes += nodes;
      found.differing += changed.length;
      found.examples.push(...changed.slice(0, 5 - found.examples.length));
    }
    after = page.at(-1)?.nodeId ?? null;
    if (page.length < BATCH) return found;
  }
}
