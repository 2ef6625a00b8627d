/**
 * The fleet as relations: what every node is at an instant, with silence applied.
 *
 * The worker writes silence down shortly after it sets in; until then reads apply the same rule, so
 * that no answer calls a node trusted on evidence that no longer counts.
 */
import { type SQL, sql } from "drizzle-orm";
import { distrusted, droppedFrom } from "./distrusted-sql.ts";
import { limitMsAt } from "./limit.ts";
import { FUSED, instant, type Scope, uuids } from "./sql.ts";
import { arrived, believed, covers, type TimePoint, validAt } from "./time-sql.ts";

/** Statuses that silence ends. It never improves a node, and what people decided stands. */
const ENDED_BY_SILENCE = sql`('trusted', 'degraded', 'pending')`;

/** When a lane that was last heard at an instant falls silent, by the limit of that instant; NULL = never. */
const staleAt = (lastAt: SQL): SQL => sql`${lastAt} + ${limitMsAt(lastAt)} * interval '1 millisecond'`;

/** Reason of a node whose lanes `x` have all fallen silent. */
const SILENT_REASON = sql`CASE WHEN count(*) = 1 THEN 'No evidence: silent for longer than its limit'
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
      bool_and(s.stale_after_ms IS NOT NULL AND ${staleAt(sql`x.last_at`)} <= ${instant(at)} AND ${isJudged(at)}) AS silent,
      max(${staleAt(sql`x.last_at`)}) AS silent_at, ${SILENT_REASON} AS silent_reason
    FROM lane x
    JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
    WHERE x.trust_domain_id = ANY(${uuids(scope)})
    GROUP BY x.trust_domain_id, x.node_id
  )`;
}

/** Verdicts dated later than this after their arrival are refused; bounds the search for the newest one. */
const DATED_AHEAD = sql`interval '1 day'`;

/**
 * Lanes whose silence had set in at an instant but is not written down in what is known.
 *
 * By what is known now the hot rows say so. Of an earlier knowledge they know too much: there the newest
 * verdict that had arrived counts, and whether an import was running is not kept. Verdicts whose log is gone
 * leave the interval's beginning, because silence never improves a node.
 */
function unwrittenSilence(scope: Scope, { knownAt, ...point }: TimePoint): SQL {
  const at = instant(validAt({ knownAt, ...point }));
  if (!knownAt) {
    return sql`SELECT x.trust_domain_id, x.node_id, x.source_id, x.submod, ${staleAt(sql`x.last_at`)} AS ends_at
      FROM lane x JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
      WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND x.opening_hash IS NOT NULL AND x.since <= ${at}
        -- Follows from the next condition, and spares most lanes of a past instant the look-up of their limit.
        AND x.last_at <= ${at} AND ${staleAt(sql`x.last_at`)} <= ${at} AND ${isJudged(validAt({ knownAt, ...point }))}`;
  }
  const lastHeard = sql`coalesce(h.observed_at, i.valid_from)`;
  return sql`SELECT i.trust_domain_id, i.node_id, i.source_id, i.submod, ${staleAt(lastHeard)} AS ends_at
    FROM trust_interval i JOIN source s ON s.trust_domain_id = i.trust_domain_id AND s.id = i.source_id
    LEFT JOIN LATERAL (
      SELECT v.observed_at FROM verdict v
      WHERE v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id AND v.source_id = i.source_id
        AND v.submod = i.submod AND v.observed_at >= i.valid_from AND ${arrived(sql`v.received_at`, knownAt)}
        AND v.observed_at <= ${instant(knownAt)} + ${DATED_AHEAD} AND NOT ${droppedFrom(sql`v`, knownAt)}
      ORDER BY v.observed_at DESC LIMIT 1
    ) h ON TRUE
    WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.source_id <> ${FUSED} AND i.event_hash IS NOT NULL
      AND ${believed(sql`i`, knownAt)} AND i.valid_to IS NULL AND i.valid_from <= ${at}
      AND ${staleAt(lastHeard)} <= ${at}`;
}

/**
 * The same CTE at an instant, with a row only for the nodes all of whose lanes were silent then: those in a
 * recorded gap and those whose silence is not written down. Lanes that began later do not count.
 */
function lanesAt(scope: Scope, point: TimePoint): SQL {
  const at = validAt(point);
  const holds = (x: SQL) =>
    sql`${x}.source_id <> ${FUSED} AND ${believed(x, point.knownAt)} AND ${covers(x, at)}`;
  return sql`quiet AS (
    SELECT x.trust_domain_id, x.node_id, x.source_id, x.submod, x.valid_from AS ends_at FROM trust_interval x
    WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND x.event_hash IS NULL AND ${holds(sql`x`)}
    UNION ALL
    ${unwrittenSilence(scope, point)}
  ), lanes AS (
    SELECT x.trust_domain_id, x.node_id, TRUE AS silent, max(x.ends_at) AS silent_at, ${SILENT_REASON} AS silent_reason
    FROM quiet x
    JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
    GROUP BY x.trust_domain_id, x.node_id
    HAVING count(*) = (SELECT count(*) FROM trust_interval e
      WHERE e.trust_domain_id = x.trust_domain_id AND e.node_id = x.node_id AND ${holds(sql`e`)})
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
  // An outer join to the node, which always exists: who only counts is spared it.
  return sql`WITH ${lanesAt(scope, point)}, fleet AS (
    SELECT i.trust_domain_id, i.node_id AS id, n.display_name, n.created_at,
      CASE WHEN o.silent THEN 'stale' ELSE i.state END AS status,
      CASE WHEN o.silent THEN q.silent_at ELSE ${runStart(point)} END AS since,
      CASE WHEN o.silent THEN q.silent_reason ELSE i.reason END AS reason,
      (SELECT v.observed_at FROM verdict v
        WHERE v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id AND v.observed_at <= ${instant(at)}
          AND ${arrived(sql`v.received_at`, point.knownAt)} AND NOT ${distrusted(sql`v`, point.knownAt)}
        ORDER BY v.observed_at DESC LIMIT 1) AS last_evidence_at,
      a.attested, a.attested AND q.node_id IS NULL AS fresh
    FROM trust_interval i
    LEFT JOIN node n ON n.trust_domain_id = i.trust_domain_id AND n.id = i.node_id
    LEFT JOIN lanes q ON q.trust_domain_id = i.trust_domain_id AND q.node_id = i.node_id
    CROSS JOIN LATERAL (
      SELECT i.valid_to IS NULL AND coalesce(q.silent, false) AND i.state IN ${ENDED_BY_SILENCE} AS silent
    ) o
    CROSS JOIN LATERAL (
      -- Only evidence makes a node anything but pending.
      SELECT i.state <> 'pending' OR EXISTS (SELECT 1 FROM trust_interval e
        WHERE e.trust_domain_id = i.trust_domain_id AND e.node_id = i.node_id AND e.source_id <> ${FUSED}
          AND ${believed(sql`e`, point.knownAt)} AND ${covers(sql`e`, at)}) AS attested
    ) a
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
