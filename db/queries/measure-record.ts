/** Measures over what people and the product did. What is recorded as it happens has one time only. */
import { type SQL, sql } from "drizzle-orm";
import { believedTransition, firstSeen } from "./lifecycle.ts";
import {
  alone,
  atEnd,
  counts,
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

const NONE = sql`NULL::uuid AS node_id`;

const GROUP_ITEM = sql`'drift_group' AS kind, g.id::text AS key, ${NONE}, g.path AS name`;

/** Changes that were open at the end of the period, and whether they had waited for too long. */
export const openChanges = (limitMs: number): Relation => ({
  ground: null,
  rows: (scope, window) => {
    const open = length(sql`g.opened_at`, instant(window.to));
    return sql`
    SELECT ${GROUP_ITEM}, CASE WHEN x.id IS NULL AND ${open} > ${limitMs}::float8 THEN 'missed' ELSE 'met' END AS verdict,
      1 AS weight, ${open} AS value, g.opened_at AS at,
      CASE WHEN x.id IS NULL THEN g.kind || ' on ' || g.nodes || ' nodes' ELSE 'covered by an exception' END AS detail
    FROM drift_group g
    LEFT JOIN drift_exception x ON x.trust_domain_id = g.trust_domain_id AND x.id = g.exception_id
      AND ${atEnd(sql`x.valid_from`, sql`least(x.expires_at, x.ended_at)`, window)}
    WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND ${atEnd(sql`g.opened_at`, sql`g.ended_at`, window)}`;
  },
  basis: (scope, window) => sql`(SELECT count(*) FROM drift_interval d
    WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND ${believed(sql`d`, window.knownAt)}
      AND ${atEnd(sql`d.valid_from`, sql`d.valid_to`, window)})`,
});

const openedBefore = (scope: Scope, { to }: MeasureWindow): SQL =>
  sql`g.trust_domain_id = ANY(${uuids(scope)}) AND g.opened_at < ${instant(to)}`;

/** Changes that people first decided about in the period, and those that nobody had by its end. */
export const acknowledgements: Relation = {
  ground: null,
  rows: (scope, window) => sql`WITH spoken AS (
    SELECT g.*, (SELECT min(d.at) FROM drift_decision d WHERE d.trust_domain_id = g.trust_domain_id AND d.group_id = g.id
      AND d.decided_by IS NOT NULL AND d.at < ${instant(window.to)}) AS first_at
    FROM drift_group g WHERE ${openedBefore(scope, window)}
  )
    SELECT ${GROUP_ITEM}, CASE WHEN g.first_at IS NULL THEN 'open' ELSE 'met' END AS verdict, 1 AS weight,
      ${length(sql`g.opened_at`, sql`coalesce(g.first_at, ${instant(window.to)})`)} AS value, g.opened_at AS at,
      CASE WHEN g.first_at IS NULL THEN 'nobody decided' ELSE 'decided' END AS detail
    FROM spoken g
    WHERE ${within(sql`g.first_at`, window)} OR (g.first_at IS NULL AND ${atEnd(sql`g.opened_at`, sql`g.ended_at`, window)})`,
  basis: (scope, window) => sql`(SELECT count(*) FROM drift_group g WHERE ${openedBefore(scope, window)})`,
};

/** Changes that were opened in the period: met = it had been there before. */
export const recurrences: Relation = alone(
  (scope, window) => sql`
    SELECT ${GROUP_ITEM}, CASE WHEN g.previous_id IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      NULL::float8 AS value, g.opened_at AS at,
      CASE WHEN g.previous_id IS NULL THEN 'for the first time' ELSE 'a recurrence' END AS detail
    FROM drift_group g WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND ${within(sql`g.opened_at`, window)}`,
);

/** CTE `deviation`: exceptions from baselines and policies with when each was in force. */
const deviations = (scope: Scope): SQL => sql`deviation AS (
    SELECT 'drift_exception' AS kind, id, pattern AS name, reason, valid_from, expires_at, least(expires_at, ended_at) AS until
    FROM drift_exception WHERE trust_domain_id = ANY(${uuids(scope)})
    UNION ALL
    SELECT 'policy_exception', id, policy_name || ': ' || rule_id, reason, valid_from, valid_to, valid_to
    FROM policy_exception WHERE trust_domain_id = ANY(${uuids(scope)})
  )`;

/** Deviations in force at some time of the period: whether each was made for a bounded time. */
export const deviationTerms = (limitMs: number): Relation =>
  alone((scope, window) => {
    const term = length(sql`d.valid_from`, sql`d.expires_at`);
    return sql`WITH ${deviations(scope)}
    SELECT d.kind, d.id::text AS key, ${NONE}, d.name, CASE WHEN ${term} <= ${limitMs}::float8 THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, ${term} AS value, d.valid_from AS at, d.reason AS detail
    FROM deviation d WHERE d.valid_from < ${instant(window.to)} AND d.until > ${instant(window.from)}`;
  });

/** Deviations in force at the end of the period, by age. */
export const deviationAges: Relation = alone(
  (scope, window) => sql`WITH ${deviations(scope)}
    SELECT d.kind, d.id::text AS key, ${NONE}, d.name, 'met' AS verdict, 1 AS weight,
      ${length(sql`d.valid_from`, instant(window.to))} AS value, d.valid_from AS at, d.reason AS detail
    FROM deviation d WHERE ${atEnd(sql`d.valid_from`, sql`d.until`, window)}`,
);

/** Disruptive actions of the period: whether another person approved each before it began. */
export const fourEyes: Relation = alone(
  (scope, window) => sql`
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
    WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND r.origin NOT IN ('drill', 'real_drill') AND ${within(sql`x.started_at`, window)}`,
);

/** Steps into the life cycle state `trusted` in the period: whether evidence stood behind each. */
export const admissions: Relation = alone(
  (scope, window) => sql`
    SELECT 'node' AS kind, n.id::text || '@' || t.occurred_at AS key, n.id AS node_id, n.display_name AS name,
      CASE WHEN EXISTS (SELECT FROM trust_interval i WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id
          AND i.source_id > ${FUSED} AND i.state = 'trusted' AND ${believed(sql`i`, window.knownAt)}
          AND i.valid_from <= t.occurred_at) THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, NULL::float8 AS value, t.occurred_at AS at, 'by ' || t.event_type AS detail
    FROM node_transition t JOIN node n ON n.trust_domain_id = t.trust_domain_id AND n.id = t.node_id
    WHERE t.trust_domain_id = ANY(${uuids(scope)}) AND ${believedTransition(window.knownAt)} AND t.outcome = 'moved'
      AND t.to_state = 'trusted' AND ${within(sql`t.occurred_at`, window)} AND ${counts(window, sql`n.trust_domain_id`, sql`n.id`)}`,
);

/**
 * Ground: `life`, the steps of lives up to the end of the period that two figures are made of. `admitted` and `ended` = after
 * the node had begun to enrol.
 */
const lives: Ground = {
  common: false,
  of: (scope, window) => sql`WITH step AS (
    SELECT t.trust_domain_id, t.node_id, t.to_state, t.occurred_at, min(t.occurred_at) FILTER (WHERE t.to_state = 'enrolling')
        OVER (PARTITION BY t.trust_domain_id, t.node_id) AS enrolling
    FROM node_transition t WHERE t.trust_domain_id = ANY(${uuids(scope)}) AND ${believedTransition(window.knownAt)}
      AND t.outcome = 'moved' AND t.to_state IN ('enrolling', 'trusted', 'failed', 'decommissioned')
      AND t.occurred_at < ${instant(window.to)} AND ${counts(window, sql`t.trust_domain_id`, sql`t.node_id`)}
  ), life AS (
    SELECT trust_domain_id, node_id, enrolling, min(occurred_at) FILTER (WHERE to_state = 'trusted') AS trusted,
      min(occurred_at) FILTER (WHERE to_state = 'trusted' AND occurred_at >= enrolling) AS admitted,
      max(occurred_at) FILTER (WHERE to_state IN ('failed', 'decommissioned') AND occurred_at >= enrolling) AS ended
    FROM step GROUP BY trust_domain_id, node_id, enrolling
  )`,
};

const ofLives = (rows: Over): Relation => ({ ground: lives, rows, basis: null });

/** Nodes that began to enrol in the period, and what became of them by its end. */
export const enrolments: Relation = ofLives(
  (_, window) => sql`
    SELECT ${NODE_ITEM}, CASE WHEN l.admitted IS NOT NULL THEN 'met' WHEN l.ended IS NOT NULL THEN 'missed'
        ELSE 'not_covered' END AS verdict,
      1 AS weight, ${length(sql`l.enrolling`, sql`l.admitted`)} AS value, l.enrolling AS at,
      CASE WHEN l.admitted IS NOT NULL THEN 'trusted' WHEN l.ended IS NOT NULL THEN 'ended before'
        ELSE 'on its way' END AS detail
    FROM life l JOIN node n ON n.trust_domain_id = l.trust_domain_id AND n.id = l.node_id
    WHERE ${within(sql`l.enrolling`, window)}`,
);

/** Nodes that became trusted for the first time in the period, and how long that had taken. */
export const timesToTrust: Relation = ofLives(
  (_, window) => sql`
    SELECT ${NODE_ITEM}, 'met' AS verdict, 1 AS weight, ${length(firstSeen(window), sql`l.trusted`)} AS value,
      l.trusted AS at, 'trusted' AS detail
    FROM life l JOIN node n ON n.trust_domain_id = l.trust_domain_id AND n.id = l.node_id
    WHERE ${within(sql`l.trusted`, window)}`,
);

/** Machines that were counted on: whether each had come. */
export const inventory: Relation = alone(
  (scope, window) => sql`
    SELECT 'expected_node' AS kind, e.id::text AS key, e.node_id, e.name,
      CASE WHEN e.overdue_at <= ${instant(window.to)} AND (e.enrolled_at IS NULL OR e.enrolled_at > ${instant(window.to)})
        THEN 'missed' ELSE 'met' END AS verdict,
      1 AS weight, NULL::float8 AS value, e.created_at AS at, coalesce(e.overdue_reason, 'expected') AS detail
    FROM expected_node e WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND ${atEnd(sql`e.created_at`, sql`e.withdrawn_at`, window)}`,
);

/** Keys of sources that were believed, by age. A distrust takes effect when it is decided, whatever it takes back. */
export const sourceKeys = (limitMs: number): Relation =>
  alone((scope, window) => {
    const age = length(sql`k.created_at`, instant(window.to));
    return sql`
    SELECT 'source_key' AS kind, k.source_id::text || '/' || k.kid AS key, ${NONE}, s.name || ': ' || k.kid AS name,
      CASE WHEN ${age} > ${limitMs}::float8 THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight, ${age} AS value,
      k.created_at AS at, k.alg AS detail
    FROM source_key k JOIN source s ON s.trust_domain_id = k.trust_domain_id AND s.id = k.source_id
    WHERE k.trust_domain_id = ANY(${uuids(scope)}) AND ${atEnd(sql`k.created_at`, sql`k.valid_to`, window)}
      AND NOT EXISTS (SELECT FROM rederivation r WHERE r.trust_domain_id = k.trust_domain_id
        AND r.source_id = k.source_id AND r.kid = k.kid AND r.recorded_at <= ${instant(window.to)})`;
  });

/** Audit logs: how old the newest checkpoint of each was. */
export const checkpoints = (limitMs: number): Relation =>
  alone((scope, window) => {
    const age = length(sql`p.at`, instant(window.to));
    return sql`
    SELECT 'audit_log' AS kind, d.id::text AS key, ${NONE}, d.name,
      CASE WHEN ${age} <= ${limitMs}::float8 THEN 'met' ELSE 'missed' END AS verdict, 1 AS weight, ${age} AS value, p.at,
      CASE WHEN p.at IS NULL THEN 'no checkpoint' ELSE 'newest checkpoint' END AS detail
    FROM trust_domain d CROSS JOIN LATERAL (SELECT max(c.at) AS at FROM audit_checkpoint c
      WHERE c.trust_domain_id = d.id AND c.at <= ${instant(window.to)}) p
    WHERE d.id = ANY(${uuids(scope)}) AND EXISTS (SELECT FROM audit_log l WHERE l.trust_domain_id = d.id
      AND l.created_at <= ${instant(window.to)})`;
  });

/** Audit logs: entries of the period that should have been in the tree by its end and are not. */
export const leaves = (limitMs: number): Relation => {
  const due: Over = (
    scope,
    window,
  ) => sql`e.trust_domain_id = ANY(${uuids(scope)}) AND ${within(sql`e.at`, window)}
    AND e.at <= ${instant(window.to)} - ${limitMs} * interval '1 millisecond'`;
  return {
    ground: null,
    rows: (scope, window) => sql`
    SELECT 'audit_log' AS kind, d.id::text AS key, ${NONE}, d.name, CASE WHEN e.missing > 0 THEN 'missed' ELSE 'met' END AS verdict,
      1 AS weight, NULL::float8 AS value, NULL::timestamptz AS at, e.missing || ' of ' || e.entries || ' entries' AS detail
    FROM (
      SELECT e.trust_domain_id, count(*) AS entries, count(*) FILTER (WHERE f.entry_id IS NULL) AS missing
      FROM audit_entry e LEFT JOIN audit_leaf f ON f.trust_domain_id = e.trust_domain_id AND f.entry_id = e.id
      WHERE ${due(scope, window)} GROUP BY e.trust_domain_id
    ) e JOIN trust_domain d ON d.id = e.trust_domain_id`,
    basis: (scope, window) => sql`(SELECT count(*) FROM audit_entry e WHERE ${due(scope, window)})`,
  };
};

/** Incidents that were resolved in the period: whether somebody wrote down what was learnt. */
export const reviews: Relation = alone(
  (scope, window) => sql`
    SELECT 'incident' AS kind, i.id::text AS key, ${NONE}, i.title AS name,
      CASE WHEN btrim(coalesce(i.review, '')) = '' THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      ${length(sql`i.opened_at`, sql`i.resolved_at`)} AS value, i.resolved_at AS at, i.cause AS detail
    FROM incident i WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND ${within(sql`i.resolved_at`, window)}`,
);

/** Re-provisioning that ended shortly before the end of the period, drills included. */
export const rehearsals = (withinMs: number): Relation =>
  alone(
    (scope, window) => sql`
    SELECT 'remediation' AS kind, r.id::text AS key, ${NONE}, r.action || ': ' || r.reason AS name,
      CASE WHEN r.state = 'succeeded' THEN 'met' ELSE 'missed' END AS verdict, 1 AS weight,
      ${length(sql`x.started_at`, sql`x.ended_at`)} AS value, x.ended_at AS at, r.origin || ', ' || r.state AS detail
    FROM remediation_request r JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
    WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND r.action = 'reprovision' AND x.ended_at <= ${instant(window.to)}
      AND x.ended_at > ${instant(window.to)} - ${withinMs} * interval '1 millisecond'`,
  );
