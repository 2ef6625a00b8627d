/**
 * The fleet as relations: what every node is at an instant, with silence applied.
 *
 * The worker writes silence down shortly after it sets in; until then reads apply the same rule, so
 * that no answer calls a node trusted on evidence that no longer counts.
 */
import { type SQL, sql } from "drizzle-orm";
import { distrusted, droppedFrom } from "./distrusted-sql.ts";
import { heardAt } from "./lane-sql.ts";
import { limitMsAt } from "./limit.ts";
import { FUSED, instant, type Scope, uuids } from "./sql.ts";
import { arrived, believed, covers, type TimePoint, validAt } from "./time-sql.ts";

/** Statuses that silence ends. It never improves a node, and what people decided stands. */
const ENDED_BY_SILENCE = sql`('trusted', 'degraded', 'pending')`;

/** When a lane that was last heard at an instant falls silent, by the limit of that instant; NULL = never. */
const staleAt = (lastAt: SQL): SQL => sql`${lastAt} + ${limitMsAt(lastAt)} * interval '1 millisecond'`;

/** Reason of a node whose lanes `x` have all fallen silent. */
const silentReason = (
  source: SQL,
): SQL => sql`CASE WHEN count(*) = 1 THEN 'No evidence: silent for longer than its limit'
  ELSE 'Silent: ' || string_agg(${source} || CASE WHEN x.submod = '' THEN '' ELSE '/' || x.submod END,
    ', ' ORDER BY ${source}, x.submod) END`;

/** While a source's history is being imported its silence is not judged. */
const isJudged = (at: Date) => sql`(s.backfill_until IS NULL OR s.backfill_until <= ${instant(at)})`;

/**
 * CTE `lanes`: one row per node with evidence, from the hot rows.
 *
 * `last_at` = when it was last heard with something that counts, or NULL. `silent` = every lane that says something has a
 * cadence and had reached its limit at `at`; `silent_at` = when the last one fell silent. A lane without a cadence never falls silent.
 */
function lanesNow(scope: Scope, at: Date): SQL {
  return sql`lanes AS (
    SELECT x.trust_domain_id, x.node_id, max(h.at) AS last_at,
      bool_and(h.at IS NULL OR (s.stale_after_ms IS NOT NULL AND ${staleAt(sql`h.at`)} <= ${instant(at)} AND ${isJudged(at)})) AS silent,
      max(${staleAt(sql`h.at`)}) AS silent_at, ${silentReason(sql`s.name`)} AS silent_reason
    FROM lane x CROSS JOIN LATERAL (SELECT ${heardAt(sql`x`)} AS at) h
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
    return sql`SELECT x.trust_domain_id, x.node_id, s.name, x.submod, ${staleAt(sql`x.last_at`)} AS ends_at
      FROM lane x JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
      WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND x.opening_hash IS NOT NULL AND x.since <= ${at}
        -- Follows from the next condition, and spares most lanes of a past instant the look-up of their limit.
        AND x.last_at <= ${at} AND ${staleAt(sql`x.last_at`)} <= ${at} AND ${isJudged(validAt({ knownAt, ...point }))}`;
  }
  const lastHeard = sql`coalesce(h.observed_at, i.valid_from)`;
  return sql`SELECT i.trust_domain_id, i.node_id, s.name, i.submod, ${staleAt(lastHeard)} AS ends_at
    FROM held i JOIN source s ON s.trust_domain_id = i.trust_domain_id AND s.id = i.source_id
    LEFT JOIN LATERAL (
      SELECT v.observed_at FROM verdict v
      WHERE v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id AND v.source_id = i.source_id
        AND v.submod = i.submod AND v.observed_at >= i.valid_from AND ${arrived(sql`v.received_at`, knownAt)}
        AND v.observed_at <= ${instant(knownAt)} + ${DATED_AHEAD} AND NOT ${droppedFrom(sql`v`, knownAt)}
      ORDER BY v.observed_at DESC LIMIT 1
    ) h ON TRUE
    WHERE i.source_id <> ${FUSED} AND i.event_hash IS NOT NULL AND i.valid_to IS NULL AND ${staleAt(lastHeard)} <= ${at}`;
}

/** How often a statement reads a relation: what it reads `often` is computed once and kept while it runs. */
export type Reading = "once" | "often";

const kept = (reading: Reading): SQL => (reading === "often" ? sql`MATERIALIZED` : sql`NOT MATERIALIZED`);

/**
 * CTE `held`: what all lines said at an instant, own lines and lanes.
 *
 * Of an earlier knowledge no index knows what was believed, so that all of history is read; once is enough.
 */
function heldAt(scope: Scope, point: TimePoint, reading: Reading): SQL {
  return sql`held AS ${kept(point.knownAt ? "often" : reading)} (
    SELECT x.trust_domain_id, x.node_id, x.source_id, x.submod, x.state, x.reason, x.valid_from, x.valid_to,
      x.recorded_from, x.event_hash, x.vector
    FROM trust_interval x
    WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND ${believed(sql`x`, point.knownAt)} AND ${covers(sql`x`, validAt(point))}
  )`;
}

/**
 * CTEs `held` and `lanes`, the latter with a row only for the nodes some of whose lanes were silent at an instant: those in
 * a recorded gap and those whose silence is not written down. Lanes that began later do not count.
 */
function lanesAt(scope: Scope, point: TimePoint, reading: Reading): SQL {
  const at = validAt(point);
  return sql`${heldAt(scope, point, reading)}, quiet AS (
    SELECT x.trust_domain_id, x.node_id, s.name, x.submod, x.valid_from AS ends_at
    FROM held x JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
    WHERE x.event_hash IS NULL AND x.source_id <> ${FUSED}
    UNION ALL
    ${unwrittenSilence(scope, point)}
  ), lanes AS (
    SELECT x.trust_domain_id, x.node_id, max(x.ends_at) AS silent_at, ${silentReason(sql`x.name`)} AS silent_reason,
      count(*) = (SELECT count(*) FROM trust_interval e
        WHERE e.trust_domain_id = x.trust_domain_id AND e.node_id = x.node_id AND e.source_id <> ${FUSED}
          AND ${believed(sql`e`, point.knownAt)} AND ${covers(sql`e`, at)}) AS silent
    FROM quiet x GROUP BY x.trust_domain_id, x.node_id
  )`;
}

const JOIN_LANES = (node: SQL) =>
  sql`LEFT JOIN lanes q ON q.trust_domain_id = n.trust_domain_id AND q.node_id = ${node}`;

/**
 * `WITH …, fleet`: one row per node at the time that is asked for.
 *
 * Columns of `fleet`: trust_domain_id, id, display_name, created_at, status, since, reason,
 * last_evidence_at, attested, fresh. Of an instant `since` and `last_evidence_at` are looked up per node, by who reads
 * them; `held` then has the lines themselves.
 */
export function fleetAt(scope: Scope, point: TimePoint, reading: Reading = "once"): SQL {
  return point.asOf ? fleetAsOf(scope, point, reading) : fleetNow(scope, point, reading);
}

function fleetNow(scope: Scope, point: TimePoint, reading: Reading): SQL {
  return sql`WITH ${heldAt(scope, point, reading)}, ${lanesNow(scope, point.now)}, fleet AS ${kept(reading)} (
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
function fleetAsOf(scope: Scope, point: TimePoint, reading: Reading): SQL {
  const at = validAt(point);
  // An outer join to the node, which always exists: who only counts is spared it.
  return sql`WITH ${lanesAt(scope, point, reading)}, stood AS ${kept(reading)} (
    SELECT n.trust_domain_id, n.node_id, n.state, n.reason, n.valid_from, q.silent_at, q.silent_reason,
      coalesce(q.silent, false) AS quiet, n.valid_to IS NULL AND coalesce(q.silent, false) AND n.state IN ${ENDED_BY_SILENCE} AS silent
    FROM held n ${JOIN_LANES(sql`n.node_id`)}
    WHERE n.source_id = ${FUSED}
  ), fleet AS NOT MATERIALIZED (
    SELECT i.trust_domain_id, i.node_id AS id, n.display_name, n.created_at,
      CASE WHEN i.silent THEN 'stale' ELSE i.state END AS status,
      CASE WHEN i.silent THEN i.silent_at ELSE ${runStart(point)} END AS since,
      CASE WHEN i.silent THEN i.silent_reason ELSE i.reason END AS reason,
      (SELECT v.observed_at FROM verdict v
        WHERE v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id AND v.observed_at <= ${instant(at)}
          AND ${arrived(sql`v.received_at`, point.knownAt)} AND NOT ${distrusted(sql`v`, point.knownAt)}
        ORDER BY v.observed_at DESC LIMIT 1) AS last_evidence_at,
      a.attested, a.attested AND NOT i.quiet AS fresh
    FROM stood i
    LEFT JOIN node n ON n.trust_domain_id = i.trust_domain_id AND n.id = i.node_id
    CROSS JOIN LATERAL (
      -- Only evidence makes a node anything but pending.
      SELECT i.state <> 'pending' OR EXISTS (SELECT 1 FROM trust_interval e
        WHERE e.trust_domain_id = i.trust_domain_id AND e.node_id = i.node_id AND e.source_id <> ${FUSED}
          AND ${believed(sql`e`, point.knownAt)} AND ${covers(sql`e`, at)}) AS attested
    ) a
  )`;
}

/**
 * `WITH lanes, ended, line`: the whole believed course of every node, silence split off. Whoever reads a part of `line` spares
 * itself the rest.
 *
 * `ended` = the last intervals that silence ends, in two parts. Columns of `line`: trust_domain_id, node_id, state, reason,
 * valid_from, valid_to.
 */
export function fleetLine(scope: Scope, { knownAt, now }: Pick<TimePoint, "knownAt" | "now">): SQL {
  const lanes = knownAt ? lanesAt(scope, { asOf: knownAt, knownAt, now }, "once") : lanesNow(scope, now);
  const own = sql`n.trust_domain_id = ANY(${uuids(scope)}) AND n.source_id = ${FUSED} AND ${believed(sql`n`, knownAt)}`;
  return sql`WITH ${lanes}, ended AS (
    SELECT n.trust_domain_id, n.node_id, n.state, n.reason, n.valid_from, q.silent_at, q.silent_reason
    FROM lanes q JOIN trust_interval n ON n.trust_domain_id = q.trust_domain_id AND n.node_id = q.node_id
    WHERE ${own} AND n.valid_to IS NULL AND n.state IN ${ENDED_BY_SILENCE} AND q.silent AND q.silent_at > n.valid_from
  ), line AS NOT MATERIALIZED (
    SELECT n.trust_domain_id, n.node_id, n.state, n.reason, n.valid_from, n.valid_to FROM trust_interval n
    WHERE ${own} AND NOT (n.valid_to IS NULL
      AND (n.trust_domain_id, n.node_id) IN (SELECT e.trust_domain_id, e.node_id FROM ended e))
    UNION ALL
    SELECT trust_domain_id, node_id, state, reason, valid_from, silent_at FROM ended
    UNION ALL
    SELECT trust_domain_id, node_id, 'stale', silent_reason, silent_at, NULL FROM ended
  )`;
}
