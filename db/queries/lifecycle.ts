/** The life cycle of nodes as people read it: one life, and everybody on the way to trust. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { INITIAL_STATE } from "#lib/domain/lifecycle-table";
import { attributed } from "./bootstrap-event.ts";
import { fleetAt } from "./fleet-sql.ts";
import { FUSED, instant, ms, rowsOf, type Scope, texts, uuids } from "./sql.ts";
import { arrived, believed, type TimePoint, upTo, validAt } from "./time-sql.ts";

export type TransitionRow = {
  at: number;
  recordedAt: number;
  outcome: string;
  from: string;
  enteredAt: number;
  to: string | null;
  transitionId: string | null;
  ruleId: string | null;
  reason: string | null;
  event: string;
  causeKind: string;
  causeId: string | null;
  sourceName: string | null;
  reasonCode: string | null;
  reasonText: string | null;
  actor: { kind: string; id: string | null };
  policyVersion: string;
  notes: string[];
};

/** Transitions `t` that were believed at an instant; `null` = that are believed now. */
export const believedTransition = (knownAt: Date | null): SQL =>
  knownAt
    ? sql`t.recorded_at <= ${instant(knownAt)} AND (t.superseded_at IS NULL OR t.superseded_at > ${instant(knownAt)})`
    : sql`t.superseded_at IS NULL`;

/**
 * When node `n` was first seen, by what is or was known; late evidence moves it to an earlier instant.
 *
 * Mostly the beginning that is known now was known then. Only where it was not is the history of the node read.
 */
export const firstSeen = ({ knownAt }: Pick<TimePoint, "knownAt">): SQL =>
  knownAt
    ? sql`CASE WHEN EXISTS (SELECT FROM trust_interval f
          WHERE f.trust_domain_id = n.trust_domain_id AND f.node_id = n.id AND f.source_id = ${FUSED} AND f.submod = ''
            AND f.valid_from = n.first_seen_at AND ${arrived(sql`f.recorded_from`, knownAt)})
        THEN n.first_seen_at ELSE least(n.created_at,
        (SELECT min(i.valid_from) FROM trust_interval i
          WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id AND ${believed(sql`i`, knownAt)}),
        (SELECT min(e.occurred_at) FROM bootstrap_event e
          WHERE e.trust_domain_id = n.trust_domain_id AND e.node_id = n.id AND ${attributed(knownAt)})) END`
    : sql`n.first_seen_at`;

/** The transition that led node `n` into the state of the time that is asked for. */
const transitionAt = (point: TimePoint): SQL => sql`SELECT t.to_state, t.occurred_at FROM node_transition t
  WHERE t.trust_domain_id = n.trust_domain_id AND t.node_id = n.id AND t.outcome = 'moved'
    AND ${believedTransition(point.knownAt)} AND t.occurred_at <= ${instant(validAt(point))}
  ORDER BY t.occurred_at DESC, t.record_order COLLATE "C" DESC LIMIT 1`;

/** The state of a node's life at the time that is asked for; a life begins as discovered when it was first seen. */
export async function lifecycleAt(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<{ state: string; since: number }> {
  const [row] = await rowsOf<{ state: string; since: number }>(
    conn,
    sql`SELECT coalesce(t.to_state, ${INITIAL_STATE}) AS state,
        ${ms(sql`coalesce(t.occurred_at, ${firstSeen(point)})`)} AS since
      FROM node n LEFT JOIN LATERAL (${transitionAt(point)}) t ON TRUE
      WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.id = ${nodeId}::uuid`,
  );
  if (!row) throw new Error("The node is gone");
  return row;
}

/**
 * Transitions of one node, newest first.
 *
 * @param until only what had happened by then; `null` = everything
 * @param knownAt what was believed at that instant; `null` = what is believed now
 */
export async function transitionList(
  conn: Conn,
  scope: Scope,
  args: { nodeId: string; until: Date | null; knownAt: Date | null; limit: number },
): Promise<TransitionRow[]> {
  const { nodeId, until, knownAt, limit } = args;
  return rowsOf(
    conn,
    sql`SELECT ${ms(sql`t.occurred_at`)} AS at, ${ms(sql`t.recorded_at`)} AS "recordedAt", t.outcome,
        t.from_state AS "from", ${ms(sql`t.entered_at`)} AS "enteredAt", t.to_state AS "to",
        t.transition_id AS "transitionId", t.rule_id AS "ruleId", t.reason, t.event_type AS event,
        t.cause_kind AS "causeKind",
        coalesce(t.cause_id, CASE WHEN t.cause_kind = 'line' THEN (
          SELECT encode(v.event_hash, 'hex') FROM verdict v
          WHERE v.trust_domain_id = t.trust_domain_id AND v.node_id = t.node_id AND v.observed_at = t.occurred_at
          ORDER BY v.event_hash LIMIT 1) END) AS "causeId",
        s.name AS "sourceName", e.reason_code AS "reasonCode", e.reason_text AS "reasonText",
        t.actor, t.policy_version AS "policyVersion", t.notes
      FROM node_transition t
      LEFT JOIN source s ON s.trust_domain_id = t.trust_domain_id AND s.id = t.source_id
      LEFT JOIN bootstrap_event e ON t.cause_kind = 'bootstrap_event' AND e.trust_domain_id = t.trust_domain_id
        AND e.node_id = t.node_id AND e.occurred_at = t.occurred_at AND e.id::text = t.cause_id
      WHERE t.trust_domain_id = ANY(${uuids(scope)}) AND t.node_id = ${nodeId}::uuid AND ${believedTransition(knownAt)}
        AND ${upTo(sql`t.occurred_at`, until)}
      ORDER BY t.occurred_at DESC, t.record_order COLLATE "C" DESC LIMIT ${limit}`,
  );
}

export type BoardRow = {
  id: string;
  displayName: string;
  state: string;
  since: number;
  status: string;
  /** Nodes in the same state, this one included. */
  nodes: number;
  failedFrom: string | null;
  event: string | null;
  reasonCode: string | null;
  reasonText: string | null;
};

/**
 * `WITH life`: where every node stood at the time that is asked for.
 *
 * Columns of `life`: trust_domain_id, id, display_name, state, since, status.
 */
function livesAt(scope: Scope, point: TimePoint): SQL {
  if (!point.asOf) {
    return sql`WITH life AS (
      SELECT s.trust_domain_id, n.id, n.display_name, s.lifecycle_state AS state,
        coalesce(s.lifecycle_entered_at, n.first_seen_at) AS since, s.status
      FROM node_state s JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id
      WHERE s.trust_domain_id = ANY(${uuids(scope)}))`;
  }
  return sql`${fleetAt(scope, point)}, life AS (
    SELECT f.trust_domain_id, f.id, f.display_name, coalesce(t.to_state, ${INITIAL_STATE}) AS state,
      coalesce(t.occurred_at, ${firstSeen(point)}) AS since, f.status
    FROM fleet f JOIN node n ON n.trust_domain_id = f.trust_domain_id AND n.id = f.id
    LEFT JOIN LATERAL (${transitionAt(point)}) t ON TRUE)`;
}

/**
 * Nodes of each of some states: those that are there longest, or came last.
 *
 * @param limit most nodes of one state
 */
export async function boardNodes(
  conn: Conn,
  scope: Scope,
  args: TimePoint & { states: readonly string[]; newestFirst: readonly string[]; limit: number },
): Promise<BoardRow[]> {
  const { states, newestFirst, limit, ...point } = args;
  return rowsOf(
    conn,
    sql`${livesAt(scope, point)}, placed AS (
        SELECT l.*, count(*) OVER (PARTITION BY l.state)::int AS nodes,
          row_number() OVER (PARTITION BY l.state ORDER BY
            CASE WHEN l.state = ANY(${texts(newestFirst)}) THEN -1 ELSE 1 END * extract(epoch FROM l.since), l.id) AS place
        FROM life l WHERE l.state = ANY(${texts(states)}))
      SELECT p.id, p.display_name AS "displayName", p.state, ${ms(sql`p.since`)} AS since, p.status, p.nodes,
        f.from_state AS "failedFrom", f.event_type AS event, f.reason_code AS "reasonCode", f.reason_text AS "reasonText"
      FROM placed p
      LEFT JOIN LATERAL (
        SELECT t.from_state, t.event_type, e.reason_code, e.reason_text FROM node_transition t
        LEFT JOIN bootstrap_event e ON e.trust_domain_id = t.trust_domain_id AND e.node_id = t.node_id
          AND e.occurred_at = t.occurred_at AND e.id::text = t.cause_id
        WHERE t.trust_domain_id = p.trust_domain_id AND t.node_id = p.id AND ${believedTransition(point.knownAt)}
          AND t.to_state = 'failed' AND t.outcome = 'moved' AND t.occurred_at = p.since
        LIMIT 1) f ON p.state = 'failed'
      WHERE p.place <= ${limit} ORDER BY p.state, p.place`,
  );
}

/** How long nodes stayed in a stage before they went on to the next one. */
export async function stageDurations(
  conn: Conn,
  scope: Scope,
  { since, steps, ...point }: TimePoint & { since: Date; steps: readonly string[] },
): Promise<{ stage: string; p50: number; p90: number; n: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT from_state AS stage, count(*)::int AS n,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM occurred_at - entered_at) * 1000) AS p50,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM occurred_at - entered_at) * 1000) AS p90
      FROM node_transition t
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND ${believedTransition(point.knownAt)} AND outcome = 'moved'
        AND transition_id = ANY(${texts(steps)}) AND occurred_at >= ${instant(since)} AND ${upTo(sql`t.occurred_at`, point.asOf)}
      GROUP BY from_state`,
  );
}

/** Append what a person did to a node's life, to be folded at once. */
export async function triggerInsert(
  conn: Conn,
  trigger: {
    trustDomainId: string;
    nodeId: string;
    id: string;
    type: string;
    at: Date;
    actor: { kind: string; id: string };
    policyVersion: string;
    requestId: string;
  },
): Promise<void> {
  const { trustDomainId, nodeId, id, type, at, actor, policyVersion, requestId } = trigger;
  await conn.execute(sql`INSERT INTO lifecycle_trigger
      (trust_domain_id, node_id, id, type, occurred_at, recorded_at, actor, facts, policy_version, request_id)
    VALUES (${trustDomainId}::uuid, ${nodeId}::uuid, ${id}::uuid, ${type}, ${instant(at)}, ${instant(at)},
      ${JSON.stringify(actor)}::jsonb, '{}', ${policyVersion}, ${requestId})`);
  await conn.execute(sql`INSERT INTO lifecycle_dirty AS d (trust_domain_id, node_id, from_at, due_at)
    VALUES (${trustDomainId}::uuid, ${nodeId}::uuid, ${instant(at)}, ${instant(at)})
    ON CONFLICT (trust_domain_id, node_id) DO UPDATE SET
      from_at = least(d.from_at, EXCLUDED.from_at), due_at = least(d.due_at, EXCLUDED.due_at)`);
}

/** Where a node's life stands, under the lock that the fold takes, too. */
export async function standingLock(
  conn: Conn,
  scope: Scope,
  nodeId: string,
): Promise<{ trustDomainId: string; standing: unknown; at: number | null } | undefined> {
  const [row] = await rowsOf<{ trustDomainId: string; standing: unknown; at: number | null }>(
    conn,
    sql`SELECT trust_domain_id AS "trustDomainId", lifecycle_standing AS standing, ${ms(sql`lifecycle_at`)} AS at
      FROM node_state WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id = ${nodeId}::uuid FOR UPDATE`,
  );
  return row;
}
