/** What else is on record about a fleet whose history was seeded: its verdicts, lives, identities and comparisons. */
import type { Pool } from "pg";
import type { SeededDomain } from "./history-data.ts";

/**
 * Of every node: the last verdict of each statement, its steps to trust, a hardware identity, and a comparison with a
 * baseline in which nothing differs. The source has a limit of three hours for its silence.
 *
 * @param failures when every hundredth node's statements began that are failures; lane and own line alike
 */
export async function seedFacts(
  pool: Pool,
  { trustDomainId, sourceId }: SeededDomain,
  failures: readonly string[],
): Promise<void> {
  const own = [trustDomainId, sourceId];
  // What was just seeded is unknown to the planner until then, and the failures are looked for row by row.
  await pool.query("ANALYZE node, trust_interval");
  await pool.query(
    `SELECT ensure_verdict_partition(month::date) FROM generate_series(
       (SELECT date_trunc('month', min(valid_from)) FROM trust_interval), (SELECT max(last_at) FROM lane), interval '1 month') month`,
  );
  await pool.query(
    "UPDATE source SET stale_after_ms = 3 * 3600000 WHERE trust_domain_id = $1 AND id = $2",
    own,
  );
  const hash = "sha256((node_id::text || valid_from)::bytea)";
  await pool.query(
    `UPDATE trust_interval SET state = 'failed', event_hash = CASE WHEN source_id = $2 THEN ${hash} END
     WHERE trust_domain_id = $1 AND source_id IN ($2, '00000000-0000-0000-0000-000000000000') AND valid_from = ANY($3)
       AND node_id IN (SELECT id FROM (SELECT id, row_number() OVER () AS n FROM node WHERE trust_domain_id = $1) node WHERE n % 100 = 0)`,
    [...own, failures],
  );
  await pool.query(
    `INSERT INTO verdict (trust_domain_id, node_id, observed_at, event_hash, source_id, submod, received_at, state, evidence_key,
       outcome, tier, vector, vector_origin, status_mismatch, coverage, reasons, policy_ids, freshness, kid, backfill, raw_sha256,
       raw_media_type)
     SELECT $1, node_id, at, ${hash}, $2, '', at + interval '1 second', state, evidence_key, 'verified_good',
       'affirming', vector, 'native', false, '{measured_boot}', '[]', '{}', 'evidence', 'k', false, sha256('raw'), 'application/json'
     FROM trust_interval, unnest(CASE WHEN state = 'failed' THEN ARRAY[valid_from, last_at] ELSE ARRAY[last_at] END) at
     WHERE trust_domain_id = $1 AND source_id = $2 ORDER BY at`,
    own,
  );
  await pool.query(
    `INSERT INTO node_transition (trust_domain_id, node_id, occurred_at, record_order, recorded_at, outcome, from_state,
       entered_at, to_state, event_type, cause_kind, actor, policy_version, facts, notes)
     SELECT trust_domain_id, id, created_at + step * interval '1 minute', step, created_at + step * interval '1 minute', 'moved',
       (ARRAY['discovered', 'enrolling', 'attesting'])[step], created_at, (ARRAY['enrolling', 'attesting', 'trusted'])[step],
       'bench', 'line', '{"kind":"system","id":null}', '1', '{}', '{}'
     FROM node, generate_series(1, 3) step WHERE trust_domain_id = $1`,
    [trustDomainId],
  );
  await pool.query(
    `INSERT INTO node_identity (trust_domain_id, node_id, kind, value, strong, valid_from)
     SELECT trust_domain_id, id, 'ek_sha256', encode(sha256(id::text::bytea), 'hex'), true, created_at FROM node WHERE trust_domain_id = $1`,
    [trustDomainId],
  );
  await pool.query(
    `INSERT INTO drift_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, score, findings, reason,
       baselines, measurement_digest, setting_version)
     SELECT trust_domain_id, id, $2, '', created_at, created_at, 0, '{}', 'As expected', '[{"name":"bench","version":1}]', '', 1
     FROM node WHERE trust_domain_id = $1`,
    own,
  );
}
