/** Lanes that have been silent for longer than their source's limit. */
import type { SqlClient, SqlPool } from "#db/transaction";

export type SilentSource = { trustDomainId: string; sourceId: string; staleAfterMs: number };

/** Sources whose silence may be judged now: they have a cadence and no import is running. */
export async function sourcesWithCadence(pool: SqlPool, now: Date): Promise<SilentSource[]> {
  const { rows } = await pool.query<{ trust_domain_id: string; id: string; stale_after_ms: string }>(
    `SELECT trust_domain_id, id, stale_after_ms FROM source
     WHERE stale_after_ms IS NOT NULL AND (backfill_until IS NULL OR backfill_until <= $1)`,
    [now],
  );
  return rows.map((row) => ({
    trustDomainId: row.trust_domain_id,
    sourceId: row.id,
    staleAfterMs: Number(row.stale_after_ms),
  }));
}

/**
 * Nodes with a lane of the source that was last heard before an instant and is not a gap yet.
 *
 * A sequential read of the hot table: an index on `last_at` would cost every verdict a write.
 */
export async function nodeIdsSilentSince(
  client: SqlClient,
  trustDomainId: string,
  sourceId: string,
  before: Date,
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ node_id: string }>(
    `SELECT DISTINCT node_id FROM lane
     WHERE trust_domain_id = $1 AND source_id = $2 AND opening_hash IS NOT NULL AND last_at < $3
     LIMIT $4`,
    [trustDomainId, sourceId, before, limit],
  );
  return rows.map(({ node_id }) => node_id);
}
