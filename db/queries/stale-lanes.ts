/** Lanes that have been silent for longer than their source's limit. */
import type { SqlClient, SqlPool } from "#db/transaction";
import type { SilenceLimit } from "#lib/domain/cadence";
import { epochsOf } from "./limit.ts";

export type SilentSource = { trustDomainId: string; sourceId: string; limit: SilenceLimit };

/** Sources whose silence may be judged now: they have a cadence and no import is running. */
export async function sourcesWithCadence(pool: SqlPool, now: Date): Promise<SilentSource[]> {
  const { rows } = await pool.query<{
    trust_domain_id: string;
    id: string;
    stale_after_ms: string;
    limit_from_ms: string[] | null;
    limit_ms: string[] | null;
  }>(
    `SELECT trust_domain_id, id, stale_after_ms, limit_from_ms, limit_ms FROM source
     WHERE stale_after_ms IS NOT NULL AND (backfill_until IS NULL OR backfill_until <= $1)`,
    [now],
  );
  return rows.map((row) => ({
    trustDomainId: row.trust_domain_id,
    sourceId: row.id,
    limit: row.limit_from_ms ? epochsOf(row.limit_from_ms, row.limit_ms) : Number(row.stale_after_ms),
  }));
}

/**
 * Nodes with a lane of the source that has been silent for longer than its limit and is not a gap yet.
 *
 * A sequential read of the hot table: an index on `last_at` would cost every verdict a write.
 */
export async function nodeIdsSilent(
  client: SqlClient,
  { trustDomainId, sourceId }: SilentSource,
  now: Date,
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ node_id: string }>(
    `SELECT DISTINCT l.node_id
     FROM lane l JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
     WHERE l.trust_domain_id = $1 AND l.source_id = $2 AND l.opening_hash IS NOT NULL
       AND l.last_at + interval '1 millisecond' * coalesce(
         s.limit_ms[width_bucket((extract(epoch FROM l.last_at) * 1000)::bigint, s.limit_from_ms)],
         s.stale_after_ms) < $3
     LIMIT $4`,
    [trustDomainId, sourceId, now, limit],
  );
  return rows.map(({ node_id }) => node_id);
}
