/**
 * The fleet as relations: what every node is at an instant, with silence applied.
 *
 * The worker writes silence down shortly after it sets in; until then reads apply the same rule, so
 * that no answer calls a node trusted on evidence that no longer counts.
 */
import { type SQL, sql } from "drizzle-orm";
import { limitMsAt } from "./limit.ts";
import { FUSED, instant, type Scope, uuids } from "./sql.ts";

/** Statuses that silence ends. It never improves a node, and what people decided stands. */
const ENDED_BY_SILENCE = sql`('trusted', 'degraded', 'pending')`;

const STALE_AT = sql`l.last_at + ${limitMsAt(sql`l.last_at`)} * interval '1 millisecond'`;

/**
 * CTE `lanes`: one row per node with evidence.
 *
 * `silent` = every lane has a cadence and had reached its limit at `at`; `silent_at` = when the last one
 * fell silent. A lane without a cadence never falls silent, and while its source's history is being imported silence
 * is not judged.
 */
function lanesCte(scope: Scope, at: Date): SQL {
  return sql`lanes AS (
    SELECT l.trust_domain_id, l.node_id, max(l.last_at) AS last_at,
      bool_and(s.stale_after_ms IS NOT NULL AND ${STALE_AT} <= ${instant(at)}
        AND (s.backfill_until IS NULL OR s.backfill_until <= ${instant(at)})) AS silent,
      max(${STALE_AT}) AS silent_at,
      CASE WHEN count(*) = 1 THEN 'No evidence: silent for longer than its limit'
        ELSE 'Silent: ' || string_agg(s.name || CASE WHEN l.submod = '' THEN '' ELSE '/' || l.submod END,
          ', ' ORDER BY s.name, l.submod) END AS silent_reason
    FROM lane l
    JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
    WHERE l.trust_domain_id = ANY(${uuids(scope)})
    GROUP BY l.trust_domain_id, l.node_id
  )`;
}

const JOIN_LANES = (node: SQL) =>
  sql`LEFT JOIN lanes q ON q.trust_domain_id = n.trust_domain_id AND q.node_id = ${node}`;

/**
 * `WITH lanes, fleet`: one row per node as it is now.
 *
 * Columns of `fleet`: trust_domain_id, id, display_name, created_at, status, since, reason,
 * last_evidence_at, fresh.
 */
export function fleetNow(scope: Scope, now: Date): SQL {
  return sql`WITH ${lanesCte(scope, now)}, fleet AS (
    SELECT n.trust_domain_id, n.id, n.display_name, n.created_at,
      CASE WHEN o.silent THEN 'stale' ELSE st.status END AS status,
      CASE WHEN o.silent THEN q.silent_at ELSE st.since END AS since,
      CASE WHEN o.silent THEN q.silent_reason ELSE st.reason END AS reason,
      q.last_at AS last_evidence_at,
      q.node_id IS NOT NULL AND NOT q.silent AS fresh
    FROM node n
    JOIN node_state st ON st.trust_domain_id = n.trust_domain_id AND st.node_id = n.id
    ${JOIN_LANES(sql`n.id`)}
    CROSS JOIN LATERAL (
      SELECT coalesce(q.silent, false) AND st.status IN ${ENDED_BY_SILENCE} AS silent
    ) o
    WHERE n.trust_domain_id = ANY(${uuids(scope)})
  )`;
}

/** The same relation at an instant, from what is believed today about that instant. */
export function fleetAsOf(scope: Scope, at: Date): SQL {
  const covers = sql`valid_from <= ${instant(at)} AND (valid_to IS NULL OR valid_to > ${instant(at)})`;
  return sql`WITH ${lanesCte(scope, at)}, fleet AS (
    SELECT n.trust_domain_id, n.id, n.display_name, n.created_at,
      CASE WHEN o.silent THEN 'stale' ELSE i.state END AS status,
      CASE WHEN o.silent THEN q.silent_at ELSE i.valid_from END AS since,
      CASE WHEN o.silent THEN q.silent_reason ELSE i.reason END AS reason,
      (SELECT v.observed_at FROM verdict v
        WHERE v.trust_domain_id = n.trust_domain_id AND v.node_id = n.id AND v.observed_at <= ${instant(at)}
        ORDER BY v.observed_at DESC LIMIT 1) AS last_evidence_at,
      NOT coalesce(q.silent, false) AND EXISTS (SELECT 1 FROM trust_interval e
        WHERE e.trust_domain_id = n.trust_domain_id AND e.node_id = n.id AND e.source_id <> ${FUSED}
          AND e.recorded_to IS NULL AND e.state <> 'stale'
          AND e.valid_from <= ${instant(at)} AND (e.valid_to IS NULL OR e.valid_to > ${instant(at)})) AS fresh
    FROM (SELECT * FROM trust_interval
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND source_id = ${FUSED} AND recorded_to IS NULL
        AND ${covers}) i
    JOIN node n ON n.trust_domain_id = i.trust_domain_id AND n.id = i.node_id
    ${JOIN_LANES(sql`n.id`)}
    CROSS JOIN LATERAL (
      SELECT i.valid_to IS NULL AND coalesce(q.silent, false) AND i.state IN ${ENDED_BY_SILENCE} AS silent
    ) o
  )`;
}

/**
 * `WITH lanes, line`: the whole believed course of every node, silence split off.
 *
 * Columns of `line`: trust_domain_id, node_id, state, reason, valid_from, valid_to.
 */
export function fleetLine(scope: Scope, now: Date): SQL {
  const open = sql`n.valid_to IS NULL AND q.silent AND q.silent_at > n.valid_from AND n.state IN ${ENDED_BY_SILENCE}`;
  return sql`WITH ${lanesCte(scope, now)}, fused AS (
    SELECT n.trust_domain_id, n.node_id, n.state, n.reason, n.valid_from, n.valid_to,
      coalesce(${open}, false) AS ended, q.silent_at, q.silent_reason
    FROM trust_interval n
    ${JOIN_LANES(sql`n.node_id`)}
    WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.source_id = ${FUSED} AND n.recorded_to IS NULL
  ), line AS (
    SELECT trust_domain_id, node_id, state, reason, valid_from,
      CASE WHEN ended THEN silent_at ELSE valid_to END AS valid_to
    FROM fused
    UNION ALL
    SELECT trust_domain_id, node_id, 'stale', silent_reason, silent_at, NULL FROM fused WHERE ended
  )`;
}
