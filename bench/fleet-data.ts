/** A fleet's history written in bulk, exactly as ingest would have left it: log, intervals and hot rows. */
import { sql } from "drizzle-orm";
import type { Db } from "#db/client";

export const DOMAIN = "00000000-0000-7000-8000-00000000d000";
const SOURCE = "00000000-0000-7000-8000-00000000a000";
const NIL = "00000000-0000-0000-0000-000000000000";

export const FLEET_START = new Date("2026-05-01T00:00:00.000Z");
export const ROUND_MS = 5 * 60_000;
export const STALE_AFTER_MS = 15 * 60_000;

/** Every `flipEvery`-th node changes its state in a round; every `silentEvery`-th falls silent half way. */
export type FleetSize = { nodes: number; rounds: number; flipEvery: number; silentEvery: number };

/** Fill an empty migrated database. Nodes without a failure, so that silence is judged alike by everyone. */
export async function fillFleet(db: Db, size: FleetSize, log: (line: string) => void): Promise<void> {
  const { nodes, rounds, flipEvery, silentEvery } = size;
  const start = sql`${FLEET_START.toISOString()}::timestamptz`;
  const minute = sql`interval '1 millisecond'`;
  await db.execute(sql`SELECT ensure_verdict_partition(${FLEET_START.toISOString().slice(0, 10)}::date)`);
  await db.execute(
    sql`INSERT INTO trust_domain (id, name, created_at) VALUES (${DOMAIN}, 'bench', ${start})`,
  );
  await db.execute(sql`INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, stale_after_ms, created_at)
    VALUES (${DOMAIN}, ${SOURCE}, 'generic', 'bench', 86400000, 300000, ${STALE_AFTER_MS}, ${start})`);
  await db.execute(sql`INSERT INTO node (trust_domain_id, id, display_name, first_seen_at, created_at)
    SELECT ${DOMAIN}, ('00000000-0000-7000-8001-' || lpad(to_hex(n), 12, '0'))::uuid, 'node-' || n,
      ${start} + n % 250000 * ${minute}, ${start} FROM generate_series(1, ${nodes}) n`);
  // A node's state turns over once per flip; silent nodes stop half way.
  await db.execute(sql`INSERT INTO verdict (trust_domain_id, node_id, observed_at, event_hash, source_id, submod, received_at,
      state, evidence_key, outcome, tier, vector, vector_origin, status_mismatch, coverage, measurement_digest, reasons,
      policy_ids, freshness, backfill, raw_sha256, raw_media_type)
    SELECT ${DOMAIN}, d.id, d.at, sha256((d.n || '/' || d.r)::bytea), ${SOURCE}, '', d.at + interval '1 second',
      d.state, sha256(d.state::bytea), CASE d.state WHEN 'trusted' THEN 'verified_good' ELSE 'verified_bad' END,
      CASE d.state WHEN 'trusted' THEN 'affirming' ELSE 'warning' END, '{0,2,2,0,2,0,0,0}', 'native', false,
      '{measured_boot,secure_boot}', sha256(d.state::bytea), '[]', '{policy:boot/7}', 'evidence', false,
      sha256(d.n::text::bytea), 'application/json'
    FROM (
      SELECT n, r, ('00000000-0000-7000-8001-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
        ${start} + (n % 250000 + r::bigint * ${ROUND_MS}) * ${minute} AS at,
        CASE WHEN (n + r) / ${flipEvery} % 2 = 0 THEN 'trusted' ELSE 'degraded' END AS state
      FROM generate_series(0, ${rounds - 1}) r, generate_series(1, ${nodes}) n
      WHERE n % ${silentEvery} <> 0 OR r < ${Math.floor(rounds / 2)}
      ORDER BY r, n
    ) d`);
  log(`${(nodes * rounds).toLocaleString("en")} verdicts written`);
  await db.execute(sql`CREATE TEMP TABLE run AS
    SELECT node_id, state, min(observed_at) AS first_at, max(observed_at) AS last_at, count(*) AS n,
      (array_agg(event_hash ORDER BY observed_at))[1] AS event_hash, bool_or(newest) AS newest
    FROM (
      SELECT v.*, sum(turned) OVER (PARTITION BY node_id ORDER BY observed_at) AS run,
        observed_at = max(observed_at) OVER (PARTITION BY node_id) AS newest
      FROM (
        SELECT node_id, observed_at, event_hash, state,
          (state IS DISTINCT FROM lag(state) OVER (PARTITION BY node_id ORDER BY observed_at))::int AS turned
        FROM verdict
      ) v
    ) w GROUP BY node_id, run, state`);
  const lastRound = sql`${start} + ${(rounds - 1) * ROUND_MS} * ${minute}`;
  const silent = sql`newest AND last_at < ${lastRound}`;
  const end = sql`CASE WHEN ${silent} THEN last_at + ${STALE_AFTER_MS} * ${minute}
    WHEN NOT newest THEN lead(first_at) OVER (PARTITION BY node_id ORDER BY first_at) END`;
  await db.execute(sql`INSERT INTO trust_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to,
      state, reason, evidence_key, outcome, tier, vector, measurement_digest, event_hash, n, first_at, last_at, roll, after_failure)
    SELECT ${DOMAIN}, node_id, line.id, '', first_at, first_at + interval '1 second', ends_at, state, 'Verified: measured boot',
      sha256(state::bytea), 'verified_good', 'affirming', '{0,2,2,0,2,0,0,0}', sha256(state::bytea), event_hash, n, first_at, last_at,
      event_hash, false
    FROM (SELECT *, ${end} AS ends_at FROM run) r, (VALUES (${SOURCE}::uuid), (${NIL}::uuid)) line(id)`);
  await db.execute(sql`INSERT INTO trust_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from,
      state, reason, evidence_key, n, roll, after_failure)
    SELECT ${DOMAIN}, node_id, line.id, '', last_at + ${STALE_AFTER_MS} * ${minute}, last_at + ${STALE_AFTER_MS} * ${minute}, 'stale',
      'No evidence: the source has been silent for longer than its limit', '', 0, '', false
    FROM run, (VALUES (${SOURCE}::uuid), (${NIL}::uuid)) line(id) WHERE ${silent}`);
  await db.execute(sql`INSERT INTO lane (trust_domain_id, node_id, source_id, submod, state, evidence_key, since, first_at, last_at,
      opening_hash, n, roll, after_failure, statement, reason)
    SELECT ${DOMAIN}, node_id, ${SOURCE}, '', CASE WHEN ${silent} THEN 'stale' ELSE state END, sha256(state::bytea),
      first_at, first_at, last_at, CASE WHEN NOT (${silent}) THEN event_hash END, n, event_hash, false, '{}', 'Verified'
    FROM run WHERE newest`);
  await db.execute(sql`INSERT INTO node_state (trust_domain_id, node_id, status, since, reason, changed_at)
    SELECT ${DOMAIN}, node_id, CASE WHEN ${silent} THEN 'stale' ELSE state END, first_at, 'Verified', first_at FROM run WHERE newest`);
  await db.execute(sql`VACUUM (ANALYZE)`);
}
