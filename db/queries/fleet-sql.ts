/**
 * The fleet as relations: what every node is at an instant, with silence applied.
 *
 * The worker writes silence down shortly after it sets in; until then reads apply the same rule, so
 * that no answer calls a node trusted on evidence that no longer counts.
 */
import { type SQL, sql } from "drizzle-orm";
import { FUSED, instant, type Scope, uuids } from "./sql.ts";
import { arrived, believed, covers, type TimePoint, validAt } from "./time-sql.ts";

/** Statuses that silence ends. It never improves a node, and what people decided stands. */
const ENDED_BY_SILENCE = sql`('trusted', 'degraded', 'pending')`;

const LIMIT = sql`s.stale_after_ms * interval '1 millisecond'`;

/** Reason of a node whose lanes `x` have all fallen silent. */
const SILENT_REASON = sql`CASE WHEN count(*) = 1 THEN 'No evidence: the source has been silent for longer than its limit'
  ELSE 'Silent: ' || string_agg(s.name || CASE WHEN x.submod = '' THEN '' ELSE '/' || x.submod END,
    ', ' ORDER BY s.name, x.submod) END`;

/** While a source's history is being imported its silence is not judged. */
const isJudged = (at: Date) => sql`(s.backfill_until IS NULL OR s.backfill_until <= ${instant(at)})`;

/**
 * CTE `lanes`: one row per node with evidence, from the hot rows.
 *
 * `silent` = every lane has a cadence and had reached its limit at `at`; `silent_at` = when the last one
 * fell silent. A lane without a cadence never falls silent.
 */
function lanesNow(scope: Scope, at: Date): SQL {
  return sql`lanes AS (
    SELECT x.trust_domain_id, x.node_id, max(x.last_at) AS last_at,
      bool_and(s.stale_after_ms IS NOT NULL AND x.last_at + ${LIMIT} <= ${instant(at)} AND ${isJudged(at)}) AS silent,
      max(x.last_at + ${LIMIT}) AS silent_at, ${SILENT_REASON} AS silent_reason
    FROM lane x
    JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
    WHERE x.trust_domain_id = ANY(${uuids(scope)})
    GROUP BY x.trust_domain_id, x.node_id
  )`;
}

/**
 * When the open interval `x` of a lane was last heard: counted in the hot row. Of an earlier knowledge
 * the hot row knows too much: there it is the newest verdict that had arrived. Verdicts whose log is gone
 * leave the interval's beginning, because silence never improves a node.
 */
function heard(knownAt: Date | null): { join: SQL; lastAt: SQL } {
  const lane = (
    other: SQL,
  ) => sql`${other}.trust_domain_id = x.trust_domain_id AND ${other}.node_id = x.node_id
    AND ${other}.source_id = x.source_id AND ${other}.submod = x.submod`;
  if (!knownAt) {
    return {
      join: sql`LEFT JOIN lane h ON ${lane(sql`h`)} AND x.valid_to IS NULL`,
      lastAt: sql`coalesce(h.last_at, x.valid_from)`,
    };
  }
  return {
    join: sql`LEFT JOIN LATERAL (
        SELECT v.observed_at FROM verdict v
        WHERE ${lane(sql`v`)} AND v.observed_at >= x.valid_from AND ${arrived(sql`v.received_at`, knownAt)}
          AND v.observed_at <= ${instant(knownAt)} + ${DATED_AHEAD}
        ORDER BY v.observed_at DESC LIMIT 1
      ) h ON x.valid_to IS NULL AND x.event_hash IS NOT NULL`,
    lastAt: sql`coalesce(h.observed_at, x.valid_from)`,
  };
}

/** Verdicts dated later than this after their arrival are refused; bounds the search for the newest one. */
const DATED_AHEAD = sql`interval '1 day'`;

/**
 * The same CTE at an instant, from the believed intervals of the lanes: only lanes that had begun by then
 * count. A gap is silent since it began, a closed interval was heard until it ended.
 *
 * What was known earlier is judged whether or not an import was running: that is not kept.
 */
function lanesAt(scope: Scope, point: TimePoint): SQL {
  const at = validAt(point);
  const { join, lastAt } = heard(point.knownAt);
  const ends = sql`CASE WHEN x.event_hash IS NULL THEN x.valid_from
    WHEN x.valid_to IS NULL THEN ${lastAt} + ${LIMIT} END`;
  const judged = point.knownAt ? sql`TRUE` : isJudged(at);
  return sql`lanes AS (
    SELECT x.trust_domain_id, x.node_id,
      bool_and(coalesce(${ends} <= ${instant(at)} AND (x.event_hash IS NULL OR ${judged}), false)) AS silent,
      max(${ends}) AS silent_at, ${SILENT_REASON} AS silent_reason
    FROM trust_interval x
    JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
    ${join}
    WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND x.source_id <> ${FUSED}
      AND ${believed(sql`x`, point.knownAt)} AND ${covers(sql`x`, at)}
    GROUP BY x.trust_domain_id, x.node_id
  )`;
}

const JOIN_LANES = (node: SQL) =>
  sql`LEFT JOIN lanes q ON q.trust_domain_id = n.trust_domain_id AND q.node_id = ${node}`;

/**
 * `WITH lanes, fleet`: one row per node at the time that is asked for.
 *
 * Columns of `fleet`: trust_domain_id, id, display_name, created_at, status, since, reason,
 * last_evidence_at, attested, fresh.
 */
export function fleetAt(scope: Scope, point: TimePoint): SQL {
  return point.asOf ? fleetAsOf(scope, point) : fleetNow(scope, point.now);
}

function fleetNow(scope: Scope, now: Date): SQL {
  return sql`WITH ${lanesNow(scope, now)}, fleet AS (
    SELECT n.trust_domain_id, n.id, n.display_name, n.created_at,
      CASE WHEN o.silent THEN 'stale' ELSE st.status END AS status,
      CASE WHEN o.silent THEN q.silent_at ELSE st.since END AS since,
      CASE WHEN o.silent THEN q.silent_reason ELSE st.reason END AS reason,
      q.last_at AS last_evidence_at, q.node_id IS NOT NULL AS attested,
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

/** Since when the own line `i` of a node has had its status; a new reason for the same one is no new beginning. */
export const runStart = ({ knownAt }: Pick<TimePoint, "knownAt">): SQL => sql`coalesce(
  (SELECT max(p.valid_to) FROM trust_interval p
    WHERE p.trust_domain_id = i.trust_domain_id AND p.node_id = i.node_id AND p.source_id = ${FUSED}
      AND ${believed(sql`p`, knownAt)} AND p.valid_to <= i.valid_from AND p.state <> i.state),
  (SELECT min(p.valid_from) FROM trust_interval p
    WHERE p.trust_domain_id = i.trust_domain_id AND p.node_id = i.node_id AND p.source_id = ${FUSED}
      AND ${believed(sql`p`, knownAt)}))`;

/** The same relation at an instant, from what is or was believed about that instant. */
function fleetAsOf(scope: Scope, point: TimePoint): SQL {
  const at = validAt(point);
  return sql`WITH ${lanesAt(scope, point)}, fleet AS (
    SELECT n.trust_domain_id, n.id, n.display_name, n.created_at,
      CASE WHEN o.silent THEN 'stale' ELSE i.state END AS status,
      CASE WHEN o.silent THEN q.silent_at ELSE ${runStart(point)} END AS since,
      CASE WHEN o.silent THEN q.silent_reason ELSE i.reason END AS reason,
      (SELECT v.observed_at FROM verdict v
        WHERE v.trust_domain_id = n.trust_domain_id AND v.node_id = n.id AND v.observed_at <= ${instant(at)}
          AND ${arrived(sql`v.received_at`, point.knownAt)}
        ORDER BY v.observed_at DESC LIMIT 1) AS last_evidence_at,
      q.node_id IS NOT NULL AS attested, NOT coalesce(q.silent, true) AS fresh
    FROM trust_interval i
    JOIN node n ON n.trust_domain_id = i.trust_domain_id AND n.id = i.node_id
    ${JOIN_LANES(sql`n.id`)}
    CROSS JOIN LATERAL (
      SELECT i.valid_to IS NULL AND coalesce(q.silent, false) AND i.state IN ${ENDED_BY_SILENCE} AS silent
    ) o
    WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.source_id = ${FUSED}
      AND ${believed(sql`i`, point.knownAt)} AND ${covers(sql`i`, at)}
  )`;
}

/**
 * `WITH lanes, line`: the whole believed course of every node, silence split off.
 *
 * Columns of `line`: trust_domain_id, node_id, state, reason, valid_from, valid_to.
 */
export function fleetLine(scope: Scope, { knownAt, now }: Pick<TimePoint, "knownAt" | "now">): SQL {
  const lanes = knownAt ? lanesAt(scope, { asOf: knownAt, knownAt, now }) : lanesNow(scope, now);
  const open = sql`n.valid_to IS NULL AND q.silent AND q.silent_at > n.valid_from AND n.state IN ${ENDED_BY_SILENCE}`;
  return sql`WITH ${lanes}, fused AS (
    SELECT n.trust_domain_id, n.node_id, n.state, n.reason, n.valid_from, n.valid_to,
      coalesce(${open}, false) AS ended, q.silent_at, q.silent_reason
    FROM trust_interval n
    ${JOIN_LANES(sql`n.node_id`)}
    WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.source_id = ${FUSED} AND ${believed(sql`n`, knownAt)}
  ), line AS (
    SELECT trust_domain_id, node_id, state, reason, valid_from,
      CASE WHEN ended THEN silent_at ELSE valid_to END AS valid_to
    FROM fused
    UNION ALL
    SELECT trust_domain_id, node_id, 'stale', silent_reason, silent_at, NULL FROM fused WHERE ended
  )`;
}
