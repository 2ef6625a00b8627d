/** Measures over what people and the product did. What is recorded as it happens has one time only. */
import { type SQL, sql } from "drizzle-orm";
import { believedTransition } from "./lifecycle.ts";
import { atEnd, counts, type MeasureWindow, NODE_ITEM, within } from "./measure-sql.ts";
import { FUSED, instant, ms, type Scope, uuids } from "./sql.ts";
import { believed } from "./time-sql.ts";

const length = (from: SQL, to: SQL): SQL => sql`round(${ms(to)} - ${ms(from)})`;
const NONE = sql`NULL::uuid AS node_id`;

const GROUP_ITEM = sql`'drift_group' AS kind, g.id::text AS key, ${NONE}, g.path AS name`;

/** Changes that were open at the end of the period, and whether they had waited for too long. */
export function openChanges(scope: Scope, window: MeasureWindow, limitMs: number): SQL {
  const open = length(sql`g.opened_at`, instant(window.to));
  return sql`WITH basis AS (SELECT count(*)::float8 AS n FROM drift_interval d
      WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND ${believed(sql`d`, window.knownAt)}
        AND ${atEnd(sql`d.valid_from`, sql`d.valid_to`, window)}), item AS (
    SELECT ${GROUP_ITEM}, CASE WHEN x.id IS NULL AND ${open} > ${limitMs}::float8 THEN 'missed' ELSE 'met' END AS verdict,
      1 AS weight, ${open} AS value, g.opened_at AS at,
      CASE WHEN x.id IS NULL THEN g.kind || ' on ' || g.nodes || ' nodes' ELSE 'covered by an exception' END AS detail
    FROM drift_group g
    LEFT JOIN drift_exception x ON x.trust_domain_id = g.trust_domain_id AND x.id = g.exception_id
      AND ${atEnd(sql`x.valid_from`, sql`least(x.expires_at, x.ended_at)`, window)}
    WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND ${atEnd(sql`g.opened_at`, sql`g.ended_at`, window)}
  )`;
}

/** Changes that people first decided about in the period, and those that nobody had by its end. */
export function acknowledgements(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH spoken AS (
    SELECT g.*, (SELECT min(d.at) FROM drift_decision d WHERE d.trust_domain_id = g.trust_domain_id AND d.group_id = g.id
      AND d.decided_by IS NOT NULL AND d.at < ${instant(window.to)}) AS first_at
    FROM drift_group g WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND g.opened_at < ${instant(window.to)}
  ), basis AS (SELECT count(*)::float8 AS n FROM spoken), item AS (
    SELECT ${GROUP_ITEM}, CASE WHEN g.first_at IS NULL THEN 'open' ELSE 'met' END AS verdict, 1 AS weight,
      ${length(sql`g.opened_at`, sql`coalesce(g.first_at, ${instant(window.to)})`)} AS value, g.opened_at AS at,
      CASE WHEN g.first_at IS NULL THEN 'nobody decided' ELSE 'decided' END AS detail
    FROM spoken g
    WHERE ${within(sql`g.first_at`, window)} OR (g.first_at IS NULL AND ${atEnd(sql`g.opened_at`, sql`g.ended_at`, window)})
  )`;
}

/** Changes that were opened in the period: met = it had been there before. */
export function recurrences(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH item AS (
    SELECT ${GROUP_ITEM}, CASE WHEN g.previous_id IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      NULL::float8 AS value, g.opened_at AS at,
      CASE WHEN g.previous_id IS NULL THEN 'for the first time' ELSE 'a recurrence' END AS detail
    FROM drift_group g WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND ${within(sql`g.opened_at`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** CTE `deviation`: exceptions from baselines and policies with when each was in force. */
const deviations = (scope: Scope): SQL => sql`deviation AS (
    SELECT 'drift_exception' AS kind, id, pattern AS name, reason, valid_from, expires_at, least(expires_at, ended_at) AS until
    FROM drift_exception WHERE trust_domain_id = ANY(${uuids(scope)})
    UNION ALL
    SELECT 'policy_exception', id, policy_name || ': ' || rule_id, reason, valid_from, valid_to, valid_to
    FROM policy_exception WHERE trust_domain_id = ANY(${uuids(scope)})
  )`;

/** Deviations in force at some time of the period: whether each was made for a bounded time. */
export function deviationTerms(scope: Scope, window: MeasureWindow, limitMs: number): SQL {
  const term = length(sql`d.valid_from`, sql`d.expires_at`);
  return sql`WITH ${deviations(scope)}, item AS (
    SELECT d.kind, d.id::text AS key, ${NONE}, d.name, CASE WHEN ${term} <= ${limitMs}::float8 THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, ${term} AS value, d.valid_from AS at, d.reason AS detail
    FROM deviation d WHERE d.valid_from < ${instant(window.to)} AND d.until > ${instant(window.from)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Deviations in force at the end of the period, by age. */
export function deviationAges(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH ${deviations(scope)}, item AS (
    SELECT d.kind, d.id::text AS key, ${NONE}, d.name, 'met' AS verdict, 1 AS weight,
      ${length(sql`d.valid_from`, instant(window.to))} AS value, d.valid_from AS at, d.reason AS detail
    FROM deviation d WHERE ${atEnd(sql`d.valid_from`, sql`d.until`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Disruptive actions of the period: whether another person approved each before it began. */
export function fourEyes(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH item AS (
    SELECT 'change_request' AS kind, c.id::text AS key, ${NONE}, c.summary AS name,
      CASE WHEN o.at <= c.decided_at AND o.at < c.expires_at THEN 'met' ELSE 'missed' END AS verdict, 1 AS weight,
      NULL::float8 AS value, c.decided_at AS at,
      CASE WHEN o.at IS NULL THEN 'nobody else approved' ELSE 'approved by another person' END AS detail
    FROM change_request c CROSS JOIN LATERAL (
      SELECT min(v.at) AS at FROM change_request_vote v WHERE v.trust_domain_id = c.trust_domain_id AND v.request_id = c.id
        AND v.decision = 'approve' AND v.person <> c.proposer AND v.plan_hash = c.plan_hash) o
    WHERE c.trust_domain_id = ANY(${uuids(scope)}) AND c.state = 'applied' AND ${within(sql`c.decided_at`, window)}
    UNION ALL
    SELECT 'remediation', r.id::text, NULL, r.action || ': ' || r.reason,
      CASE WHEN r.origin = 'break_glass' THEN CASE WHEN w.state = 'ratified' AND w.reviewed_at <= ${instant(window.to)}
          THEN 'met' ELSE 'missed' END
        WHEN o.at <= x.started_at AND o.at < r.expires_at THEN 'met' ELSE 'missed' END,
      1, NULL, x.started_at,
      CASE WHEN r.origin = 'break_glass' THEN 'done at once; review: ' || coalesce(w.state, 'none')
        WHEN o.at IS NULL THEN 'nobody else approved' ELSE 'approved by another person' END
    FROM remediation_request r
    JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
    LEFT JOIN remediation_review w ON w.trust_domain_id = r.trust_domain_id AND w.request_id = r.id
    CROSS JOIN LATERAL (
      SELECT min(v.at) AS at FROM remediation_vote v WHERE v.trust_domain_id = r.trust_domain_id AND v.request_id = r.id
        AND v.decision = 'approve' AND v.person <> r.requester AND v.plan_hash = r.plan_hash) o
    WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND r.origin NOT IN ('drill', 'real_drill') AND ${within(sql`x.started_at`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Steps into the life cycle state `trusted` in the period: whether evidence stood behind each. */
export function admissions(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH item AS (
    SELECT 'node' AS kind, n.id::text || '@' || t.occurred_at AS key, n.id AS node_id, n.display_name AS name,
      CASE WHEN EXISTS (SELECT FROM trust_interval i WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id
          AND i.source_id <> ${FUSED} AND i.state = 'trusted' AND ${believed(sql`i`, window.knownAt)}
          AND i.valid_from <= t.occurred_at) THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, NULL::float8 AS value, t.occurred_at AS at, 'by ' || t.event_type AS detail
    FROM node_transition t JOIN node n ON n.trust_domain_id = t.trust_domain_id AND n.id = t.node_id
    WHERE t.trust_domain_id = ANY(${uuids(scope)}) AND ${believedTransition(window.knownAt)} AND t.outcome = 'moved'
      AND t.to_state = 'trusted' AND ${within(sql`t.occurred_at`, window)} AND ${counts(window, sql`n.trust_domain_id`, sql`n.id`)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** CTE `life`: the steps of lives up to the end of the period that two figures are made of. */
const lives = (scope: Scope, window: MeasureWindow): SQL => sql`life AS (
    SELECT t.trust_domain_id, t.node_id, min(t.occurred_at) FILTER (WHERE t.to_state = 'enrolling') AS enrolling,
      min(t.occurred_at) FILTER (WHERE t.to_state = 'trusted') AS trusted,
      max(t.occurred_at) FILTER (WHERE t.to_state IN ('failed', 'decommissioned')) AS ended
    FROM node_transition t WHERE t.trust_domain_id = ANY(${uuids(scope)}) AND ${believedTransition(window.knownAt)}
      AND t.outcome = 'moved' AND t.occurred_at < ${instant(window.to)}
      AND ${counts(window, sql`t.trust_domain_id`, sql`t.node_id`)}
    GROUP BY t.trust_domain_id, t.node_id
  )`;

/** Nodes that began to enrol in the period, and what became of them by its end. */
export function enrolments(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH ${lives(scope, window)}, item AS (
    SELECT ${NODE_ITEM}, CASE WHEN l.trusted >= l.enrolling THEN 'met' WHEN l.ended >= l.enrolling THEN 'missed'
        ELSE 'not_covered' END AS verdict,
      1 AS weight, ${length(sql`l.enrolling`, sql`l.trusted`)} AS value, l.enrolling AS at,
      CASE WHEN l.trusted >= l.enrolling THEN 'trusted' WHEN l.ended >= l.enrolling THEN 'ended before'
        ELSE 'on its way' END AS detail
    FROM life l JOIN node n ON n.trust_domain_id = l.trust_domain_id AND n.id = l.node_id
    WHERE ${within(sql`l.enrolling`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Nodes that became trusted for the first time in the period, and how long that had taken. */
export function timesToTrust(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH ${lives(scope, window)}, item AS (
    SELECT ${NODE_ITEM}, 'met' AS verdict, 1 AS weight, ${length(sql`n.first_seen_at`, sql`l.trusted`)} AS value,
      l.trusted AS at, 'trusted' AS detail
    FROM life l JOIN node n ON n.trust_domain_id = l.trust_domain_id AND n.id = l.node_id
    WHERE ${within(sql`l.trusted`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Machines that were counted on: whether each had come. */
export function inventory(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH item AS (
    SELECT 'expected_node' AS kind, e.id::text AS key, e.node_id, e.name,
      CASE WHEN e.overdue_at <= ${instant(window.to)} AND (e.enrolled_at IS NULL OR e.enrolled_at > ${instant(window.to)})
        THEN 'missed' ELSE 'met' END AS verdict,
      1 AS weight, NULL::float8 AS value, e.created_at AS at, coalesce(e.overdue_reason, 'expected') AS detail
    FROM expected_node e WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND ${atEnd(sql`e.created_at`, sql`e.withdrawn_at`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Keys of sources that were believed, by age. */
export function sourceKeys(scope: Scope, window: MeasureWindow, limitMs: number): SQL {
  const age = length(sql`k.created_at`, instant(window.to));
  return sql`WITH item AS (
    SELECT 'source_key' AS kind, k.source_id::text || '/' || k.kid AS key, ${NONE}, s.name || ': ' || k.kid AS name,
      CASE WHEN ${age} > ${limitMs}::float8 THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight, ${age} AS value,
      k.created_at AS at, k.alg AS detail
    FROM source_key k JOIN source s ON s.trust_domain_id = k.trust_domain_id AND s.id = k.source_id
    WHERE k.trust_domain_id = ANY(${uuids(scope)}) AND k.state <> 'distrusted'
      AND ${atEnd(sql`k.created_at`, sql`k.valid_to`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Audit logs: how old the newest checkpoint of each was. */
export function checkpoints(scope: Scope, window: MeasureWindow, limitMs: number): SQL {
  const age = length(sql`p.at`, instant(window.to));
  return sql`WITH item AS (
    SELECT 'audit_log' AS kind, d.id::text AS key, ${NONE}, d.name,
      CASE WHEN ${age} <= ${limitMs}::float8 THEN 'met' ELSE 'missed' END AS verdict, 1 AS weight, ${age} AS value, p.at,
      CASE WHEN p.at IS NULL THEN 'no checkpoint' ELSE 'newest checkpoint' END AS detail
    FROM trust_domain d CROSS JOIN LATERAL (SELECT max(c.at) AS at FROM audit_checkpoint c
      WHERE c.trust_domain_id = d.id AND c.at <= ${instant(window.to)}) p
    WHERE d.id = ANY(${uuids(scope)}) AND EXISTS (SELECT FROM audit_log l WHERE l.trust_domain_id = d.id
      AND l.created_at <= ${instant(window.to)})
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Audit logs: entries of the period that should have been in the tree by its end and are not. */
export function leaves(scope: Scope, window: MeasureWindow, limitMs: number): SQL {
  return sql`WITH entry AS (
    SELECT e.trust_domain_id, count(*) AS entries, count(*) FILTER (WHERE f.entry_id IS NULL) AS missing
    FROM audit_entry e LEFT JOIN audit_leaf f ON f.trust_domain_id = e.trust_domain_id AND f.entry_id = e.id
    WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND ${within(sql`e.at`, window)}
      AND e.at <= ${instant(window.to)} - ${limitMs} * interval '1 millisecond'
    GROUP BY e.trust_domain_id
  ), basis AS (SELECT coalesce(sum(entries), 0)::float8 AS n FROM entry), item AS (
    SELECT 'audit_log' AS kind, d.id::text AS key, ${NONE}, d.name, CASE WHEN e.missing > 0 THEN 'missed' ELSE 'met' END AS verdict,
      1 AS weight, NULL::float8 AS value, NULL::timestamptz AS at, e.missing || ' of ' || e.entries || ' entries' AS detail
    FROM entry e JOIN trust_domain d ON d.id = e.trust_domain_id
  )`;
}

/** Incidents that were resolved in the period: whether somebody wrote down what was learnt. */
export function reviews(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH item AS (
    SELECT 'incident' AS kind, i.id::text AS key, ${NONE}, i.title AS name,
      CASE WHEN btrim(coalesce(i.review, '')) = '' THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      ${length(sql`i.opened_at`, sql`i.resolved_at`)} AS value, i.resolved_at AS at, i.cause AS detail
    FROM incident i WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND ${within(sql`i.resolved_at`, window)}
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}

/** Re-provisioning that ended shortly before the end of the period, drills included. */
export function rehearsals(scope: Scope, window: MeasureWindow, withinMs: number): SQL {
  return sql`WITH item AS (
    SELECT 'remediation' AS kind, r.id::text AS key, ${NONE}, r.action || ': ' || r.reason AS name,
      CASE WHEN r.state = 'succeeded' THEN 'met' ELSE 'missed' END AS verdict, 1 AS weight,
      ${length(sql`x.started_at`, sql`x.ended_at`)} AS value, x.ended_at AS at, r.origin || ', ' || r.state AS detail
    FROM remediation_request r JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
    WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND r.action = 'reprovision' AND x.ended_at <= ${instant(window.to)}
      AND x.ended_at > ${instant(window.to)} - ${withinMs} * interval '1 millisecond'
  ), basis AS (SELECT count(*)::float8 AS n FROM item)`;
}
