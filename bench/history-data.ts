/** History of a fleet, written in bulk. */
import { createHash, randomUUID } from "node:crypto";
import type { Pool } from "pg";

export type SeededDomain = { trustDomainId: string; sourceId: string };

/**
 * A trust domain of its own, as ingest would have left it but for the log: nodes with statements of one line of evidence,
 * all vouched for by one key, each `days` long from `start` on, and the node's own line beside them.
 */
export async function seedHistory(
  pool: Pool,
  { nodes, statements, days, start }: { nodes: number; statements: number; days: number; start: string },
): Promise<SeededDomain> {
  const [trustDomainId, sourceId] = [randomUUID(), randomUUID()];
  const own = [trustDomainId, sourceId];
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, $2, $3)", [
    trustDomainId,
    trustDomainId,
    start,
  ]);
  await pool.query(
    `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, created_at)
     VALUES ($1, $2, 'ear', 'lab', 3600000, 300000, $3)`,
    [...own, start],
  );
  await pool.query(
    `INSERT INTO source_key (trust_domain_id, source_id, kid, alg, jwk, state, valid_from, created_at)
     VALUES ($1, $2, 'k', 'ES256', '{}', 'active', $3, $3)`,
    [...own, start],
  );
  await pool.query("CREATE TEMP TABLE IF NOT EXISTS fleet (id uuid)");
  await pool.query("TRUNCATE fleet");
  await pool.query("INSERT INTO fleet SELECT gen_random_uuid() FROM generate_series(1, $1)", [nodes]);
  await pool.query(
    "INSERT INTO node (trust_domain_id, id, display_name, first_seen_at, created_at) SELECT $1, id, id::text, $2, $2 FROM fleet",
    [trustDomainId, start],
  );
  await pool.query(
    `INSERT INTO node_state (trust_domain_id, node_id, status, since, reason, changed_at)
     SELECT $1, id, 'trusted', $2, 'Verified good', $2 FROM fleet`,
    [trustDomainId, start],
  );
  const digest = createHash("sha256").update("bench").digest();
  // Every third statement is a warning: the node's own line changes with its lane.
  const state = "CASE WHEN s % 3 = 1 THEN 'degraded' ELSE 'trusted' END";
  const columns = `trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to, state, reason,
    evidence_key, outcome, tier, vector, kid, event_hash, n, first_at, last_at, roll, after_failure`;
  const from = `$2::timestamptz + s * interval '${days} days'`;
  const to = `CASE WHEN s < ${statements - 1} THEN ${from} + interval '${days} days' END`;
  await pool.query(
    `INSERT INTO trust_interval (${columns})
     SELECT $1, id, $3, '', ${from}, ${from}, ${to}, ${state}, 'Verified good: measured boot ' || s,
       sha256(($4::text || s)::bytea), 'verified_good', 'affirming', '{0,0,2,0,0,0,0,0}', 'k', $5, ${days * 24}, ${from},
       ${from} + interval '${days * 24 - 1} hours', $5, false
     FROM fleet CROSS JOIN generate_series(0, ${statements - 1}) AS s`,
    [trustDomainId, start, sourceId, "key", digest],
  );
  await pool.query(
    `INSERT INTO trust_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to,
       state, reason, evidence_key, n, roll, after_failure)
     SELECT $1, id, '00000000-0000-0000-0000-000000000000', '', ${from}, ${from}, ${to}, ${state},
       'Verified good: measured boot ' || s, '', 0, '', false
     FROM fleet CROSS JOIN generate_series(0, ${statements - 1}) AS s`,
    [trustDomainId, start],
  );
  await pool.query(
    `INSERT INTO lane (trust_domain_id, node_id, source_id, submod, state, evidence_key, since, first_at, last_at,
       opening_hash, n, roll, after_failure, statement, reason)
     SELECT $1, id, $3, '', 'trusted', sha256('key'), $2::timestamptz + interval '${(statements - 1) * days} days', $2::timestamptz + interval '${(statements - 1) * days} days',
       $2::timestamptz + interval '${statements * days - 1} days 23 hours', $4, ${days * 24}, $4, false,
       '{"outcome":"verified_good","tier":"affirming","vector":[0,0,2,0,0,0,0,0],"measurementDigest":null,"kid":"k"}', 'Verified good'
     FROM fleet`,
    [trustDomainId, start, sourceId, digest],
  );
  return { trustDomainId, sourceId };
}
