/** Measures over the course of nodes: how long each was trusted, and its failures from beginning to end. */
import { type SQL, sql } from "drizzle-orm";
import { fleetLine } from "./fleet-sql.ts";
import { believedTransition } from "./lifecycle.ts";
import {
  alone,
  counts,
  decommissioned,
  type Ground,
  length,
  type MeasureWindow,
  NODE_ITEM,
  type Over,
  type Relation,
  within,
} from "./measure-sql.ts";
import { FUSED, instant, type Scope, uuids } from "./sql.ts";
import { believed } from "./time-sql.ts";

const JOIN_NODE = (x: SQL) =>
  sql`JOIN node n ON n.trust_domain_id = ${x}.trust_domain_id AND n.id = ${x}.node_id`;

/** What time in each status counts as. */
const VERDICT = sql`CASE state WHEN 'trusted' THEN 'met' WHEN 'stale' THEN 'stale' WHEN 'pending' THEN 'not_covered'
  WHEN 'exempt' THEN 'exempt' ELSE 'missed' END`;

/** Ground: `line`, the course of every node as it is known; and `gone`. */
const courses: Ground = {
  of: (scope, window) => sql`${fleetLine(scope, window)}, ${decommissioned(scope, window)}`,
  common: true,
};

/** Time of the period by node and verdict. */
export const trustedTime: Relation = {
  ground: courses,
  rows: (_, window) => {
    const [from, to] = [instant(window.from), instant(window.to)];
    return sql`WITH part AS (
      SELECT l.trust_domain_id, l.node_id, l.state, greatest(l.valid_from, ${from}) AS from_at,
        least(coalesce(l.valid_to, ${to}), ${to}, coalesce(g.at, ${to})) AS to_at
      FROM line l LEFT JOIN gone g ON g.trust_domain_id = l.trust_domain_id AND g.node_id = l.node_id
      WHERE l.valid_from < ${to} AND (l.valid_to IS NULL OR l.valid_to > ${from})
        AND ${counts(window, sql`l.trust_domain_id`, sql`l.node_id`)}
    ), spent AS (
      -- Lengths are added up as they are: every instant is a whole millisecond.
      SELECT trust_domain_id, node_id, ${VERDICT} AS verdict, round(extract(epoch FROM sum(to_at - from_at)) * 1000)::bigint AS ms,
        string_agg(DISTINCT state, ', ' ORDER BY state) AS states
      FROM part WHERE to_at > from_at GROUP BY 1, 2, 3
    )
    SELECT ${NODE_ITEM}, s.verdict, s.ms AS weight, s.ms::float8 AS value, NULL::timestamptz AS at, s.states AS detail
    FROM spent s ${JOIN_NODE(sql`s`)}`;
  },
  basis: null,
};

/** Intervals `x` of own lines of nodes that began before the end of the period. */
const ownLine = (
  scope: Scope,
  { to, knownAt }: MeasureWindow,
  x: SQL,
): SQL => sql`${x}.trust_domain_id = ANY(${uuids(scope)})
    AND ${x}.source_id = ${FUSED} AND ${believed(x, knownAt)} AND ${x}.valid_from < ${instant(to)}`;

/**
 * Ground: `episode`, failures of nodes, with when each began and when the node was trusted again; NULL = not by the
 * end of the period. Failing once more before that is the same failure. Silence ends no failure and begins none.
 *
 * Rows of a node are numbered by how often it had become trusted: a spell holds at most one failure, and the
 * next spell begins where it is over.
 */
const episodes: Ground = {
  common: false,
  of: (scope, window) => sql`WITH seq AS (
    SELECT l.trust_domain_id, l.node_id, l.state, l.valid_from,
      count(*) FILTER (WHERE l.state = 'trusted') OVER (
        PARTITION BY l.trust_domain_id, l.node_id ORDER BY l.valid_from) AS spell
    FROM trust_interval l WHERE ${ownLine(scope, window, sql`l`)} AND ${counts(window, sql`l.trust_domain_id`, sql`l.node_id`)}
      AND (l.trust_domain_id, l.node_id) IN (
        SELECT f.trust_domain_id, f.node_id FROM trust_interval f WHERE ${ownLine(scope, window, sql`f`)} AND f.state = 'failed')
  ), spell AS (
    SELECT trust_domain_id, node_id, min(valid_from) FILTER (WHERE state = 'failed') AS began,
      lead(min(valid_from)) OVER (PARTITION BY trust_domain_id, node_id ORDER BY spell) AS restored
    FROM seq GROUP BY trust_domain_id, node_id, spell
  ), episode AS (SELECT * FROM spell WHERE began IS NOT NULL)`,
};

/** A measure about failures of nodes. */
const ofEpisodes = (rows: Over): Relation => ({
  ground: episodes,
  rows,
  basis: () => sql`(SELECT count(*) FROM episode)`,
});

/** Failures that were over in the period, and those that were not at its end. */
export const restores = (limitMs: number): Relation =>
  ofEpisodes((_, window) => {
    const until = sql`coalesce(e.restored, ${instant(window.to)})`;
    return sql`
    SELECT ${NODE_ITEM}, CASE WHEN e.restored IS NULL THEN 'open'
        WHEN ${length(sql`e.began`, sql`e.restored`)} <= ${limitMs}::float8 THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, ${length(sql`e.began`, until)} AS value, e.began AS at,
      CASE WHEN e.restored IS NULL THEN 'still failed' ELSE 'trusted again' END AS detail
    FROM episode e ${JOIN_NODE(sql`e`)} WHERE e.restored IS NULL OR ${within(sql`e.restored`, window)}`;
  });

/** Failures in which the node was quarantined in the period, and those that were neither contained nor over. */
export const containments: Relation = ofEpisodes(
  (_, window) => sql`WITH held AS (
    SELECT e.*, (SELECT min(t.occurred_at) FROM node_transition t
      WHERE t.trust_domain_id = e.trust_domain_id AND t.node_id = e.node_id AND ${believedTransition(window.knownAt)}
        AND t.outcome = 'moved' AND t.to_state = 'quarantined' AND t.occurred_at >= e.began
        AND t.occurred_at < coalesce(e.restored, ${instant(window.to)})) AS contained
    FROM episode e
  )
    SELECT ${NODE_ITEM}, CASE WHEN h.contained IS NULL THEN 'open' ELSE 'met' END AS verdict, 1 AS weight,
      ${length(sql`h.began`, sql`coalesce(h.contained, ${instant(window.to)})`)} AS value, h.began AS at,
      CASE WHEN h.contained IS NULL THEN 'not contained' ELSE 'quarantined' END AS detail
    FROM held h ${JOIN_NODE(sql`h`)}
    WHERE ${within(sql`h.contained`, window)} OR (h.contained IS NULL AND h.restored IS NULL)`,
);

/** Failures that began in the period and could be answered in it: whether somebody asked to act in time. */
export const responses = (limitMs: number): Relation =>
  ofEpisodes((_, window) => {
    const due = sql`e.began + ${limitMs} * interval '1 millisecond'`;
    return sql`WITH answered AS (
    SELECT e.*, (SELECT min(r.requested_at) FROM remediation_target t
      JOIN remediation_request r ON r.trust_domain_id = t.trust_domain_id AND r.id = t.request_id
      WHERE t.trust_domain_id = e.trust_domain_id AND t.node_id = e.node_id AND r.requested_at >= e.began
        AND r.requested_at <= ${due} AND r.origin NOT IN ('drill', 'real_drill')) AS asked
    FROM episode e WHERE ${within(sql`e.began`, window)} AND ${due} <= ${instant(window.to)}
  )
    SELECT ${NODE_ITEM}, CASE WHEN a.asked IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      ${length(sql`a.began`, sql`a.asked`)} AS value, a.began AS at,
      CASE WHEN a.asked IS NULL THEN 'nobody asked to act' ELSE 'a remediation was requested' END AS detail
    FROM answered a ${JOIN_NODE(sql`a`)}`;
  });

/**
 * Failures of lines of evidence that began in the period: from the last pass before each to when the failing
 * verdict was received.
 */
export const detections = (limitMs: number): Relation =>
  alone((scope, window) => {
    const lane = sql`i.trust_domain_id = ANY(${uuids(scope)}) AND i.source_id > ${FUSED} AND ${believed(sql`i`, window.knownAt)}`;
    const lanes = sql`PARTITION BY i.trust_domain_id, i.node_id, i.source_id, i.submod`;
    return sql`WITH seq AS (
    SELECT i.trust_domain_id, i.node_id, i.source_id, i.submod, i.state, i.valid_from, i.last_at, i.event_hash,
      count(*) FILTER (WHERE i.state = 'trusted') OVER (${lanes} ORDER BY i.valid_from) AS spell
    FROM trust_interval i
    WHERE ${lane} AND i.valid_from < ${instant(window.to)} AND ${counts(window, sql`i.trust_domain_id`, sql`i.node_id`)}
      AND (i.trust_domain_id, i.node_id) IN (SELECT i.trust_domain_id, i.node_id FROM trust_interval i
        WHERE ${lane} AND i.state = 'failed' AND ${within(sql`i.valid_from`, window)})
  ), spell AS (
    SELECT trust_domain_id, node_id, source_id, submod, max(last_at) FILTER (WHERE state = 'trusted') AS passed,
      min(valid_from) FILTER (WHERE state = 'failed') AS began,
      (array_agg(event_hash ORDER BY valid_from) FILTER (WHERE state = 'failed'))[1] AS event_hash
    FROM seq GROUP BY trust_domain_id, node_id, source_id, submod, spell
  ), seen AS (
    SELECT s.*, coalesce(v.received_at, k.received_at) AS received FROM spell s
    LEFT JOIN verdict v ON v.trust_domain_id = s.trust_domain_id AND v.node_id = s.node_id
      AND v.observed_at = s.began AND v.event_hash = s.event_hash
    LEFT JOIN verdict_kept k ON k.trust_domain_id = s.trust_domain_id AND k.node_id = s.node_id
      AND k.observed_at = s.began AND k.event_hash = s.event_hash
    WHERE ${within(sql`s.began`, window)}
  )
    SELECT 'node' AS kind, n.id::text || '/' || s.source_id || '/' || s.submod AS key, n.id AS node_id, n.display_name AS name,
      CASE WHEN s.passed IS NULL OR s.received IS NULL THEN 'not_covered'
        WHEN ${length(sql`s.passed`, sql`s.received`)} <= ${limitMs}::float8 THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, ${length(sql`s.passed`, sql`s.received`)} AS value, s.began AS at,
      'by ' || o.name || CASE WHEN s.submod = '' THEN '' ELSE '/' || s.submod END AS detail
    FROM seen s ${JOIN_NODE(sql`s`)}
    JOIN source o ON o.trust_domain_id = s.trust_domain_id AND o.id = s.source_id`;
  });
