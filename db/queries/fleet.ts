/** Figures about the fleet as a whole. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { unattributed } from "./bootstrap-event.ts";
import { hasCoverageLoss } from "./coverage-loss.ts";
import { fleetAt, fleetLine } from "./fleet-sql.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { type TimePoint, validAt } from "./time-sql.ts";

export type FleetStatusRow = {
  status: string;
  nodes: number;
  fresh: number;
  /** Whose verifier checks less than before. */
  reduced: number;
  never: number;
};

/** Nodes by status at the time that is asked for. */
export async function fleetByStatus(conn: Conn, scope: Scope, point: TimePoint): Promise<FleetStatusRow[]> {
  return rowsOf(
    conn,
    sql`${fleetAt(scope, point)}
      SELECT status, count(*)::int AS nodes, count(*) FILTER (WHERE fresh)::int AS fresh,
        count(*) FILTER (WHERE ${hasCoverageLoss({ domain: sql`fleet.trust_domain_id`, id: sql`fleet.id` }, point)})::int AS reduced,
        count(*) FILTER (WHERE NOT attested)::int AS never
      FROM fleet GROUP BY status`,
  );
}

/**
 * Newest evidence of the node that was heard longest ago, as epoch milliseconds; `null` without evidence.
 *
 * Apart from the counts: of an earlier instant it takes a look into the verdict log per node.
 */
export async function fleetOldestEvidence(
  conn: Conn,
  scope: Scope,
  point: TimePoint,
): Promise<number | null> {
  const [row] = await rowsOf<{ at: number | null }>(
    conn,
    sql`${fleetAt(scope, point)} SELECT ${ms(sql`min(last_evidence_at)`)} AS at FROM fleet`,
  );
  return row?.at ?? null;
}

export type FleetTroubles = {
  unattributed: number;
  rejected: number;
  identityAlarms: number;
  enrolmentsWaiting: number;
  overdueNodes: number;
};

/**
 * Open findings about identities, and refused events and failed bootstrap events without a node in the 24
 * hours up to an instant.
 *
 * A refused event that is repeated only counts up. Of an earlier instant it therefore counts where it was
 * refused first: when it was refused last by then is not kept. An alarm that was settled and raised again
 * counts as open all the time, because only its last settlement is kept.
 */
export async function fleetTroubles(conn: Conn, scope: Scope, point: TimePoint): Promise<FleetTroubles> {
  const at = instant(validAt(point));
  const since = sql`${at} - interval '24 hours'`;
  const refused = point.asOf ? sql`first_at > ${since}` : sql`last_at > ${since}`;
  const [row] = await rowsOf<FleetTroubles>(
    conn,
    sql`SELECT
      (SELECT count(*)::int FROM bootstrap_event e
        WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.outcome IN ('failure', 'denied')
          AND e.occurred_at <= ${at} AND e.occurred_at > ${since} AND ${unattributed(point.knownAt)}) AS unattributed,
      (SELECT count(*)::int FROM rejected_event
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND first_at <= ${at} AND ${refused}) AS rejected,
      (SELECT count(*)::int FROM identity_alarm
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND first_at <= ${at}
          AND (settled_at IS NULL OR settled_at > ${at})) AS "identityAlarms",
      (SELECT count(*)::int FROM enrolment e
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND requested_at <= ${at} AND NOT EXISTS (
          SELECT FROM enrolment_decision d WHERE d.trust_domain_id = e.trust_domain_id AND d.node_id = e.node_id
            AND d.at <= ${at})) AS "enrolmentsWaiting",
      (SELECT count(*)::int FROM expected_node
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND overdue_at <= ${at}
          AND (enrolled_at IS NULL OR enrolled_at > ${at})
          AND (withdrawn_at IS NULL OR withdrawn_at > ${at})) AS "overdueNodes"`,
  );
  return row ?? { unattributed: 0, rejected: 0, identityAlarms: 0, enrolmentsWaiting: 0, overdueNodes: 0 };
}

/**
 * Nodes by status at several instants.
 *
 * Every interval is read once and counted where it begins and ends; asking each instant on its own
 * would read it once per instant.
 *
 * @param at ascending
 * @returns changes: at point `index`, `delta` more nodes have this status than one point before
 */
export async function fleetDeltas(
  conn: Conn,
  scope: Scope,
  { at, knownAt, now }: { at: readonly Date[]; knownAt: Date | null; now: Date },
): Promise<{ index: number; status: string; delta: number }[]> {
  const points = sql`${sql.param(at.map((date) => date.getTime()))}::float8[]`;
  // Counts the points before an instant: the first one at or after it. Instants are whole milliseconds.
  const index = (column: ReturnType<typeof sql>) => sql`width_bucket(${ms(column)} - 1, ${points})`;
  const [first, last] = [at[0] ?? now, at.at(-1) ?? now];
  return rowsOf(
    conn,
    sql`${fleetLine(scope, { knownAt, now })}, part AS (
      SELECT * FROM line WHERE valid_from <= ${instant(last)} AND (valid_to IS NULL OR valid_to > ${instant(first)})
    )
    SELECT index, status, sum(delta)::int AS delta FROM (
      SELECT ${index(sql`valid_from`)} AS index, state AS status, 1 AS delta FROM part
      UNION ALL
      SELECT ${index(sql`valid_to`)}, state, -1 FROM part WHERE valid_to IS NOT NULL
    ) change
    GROUP BY index, status ORDER BY index, status`,
  );
}

export type FleetChangeRow = {
  nodeId: string;
  displayName: string;
  at: number;
  from: string | null;
  to: string;
  reason: string;
};

/** The newest changes of a node's status up to an instant. A new reason for the same status is not one. */
export async function fleetChangeList(
  conn: Conn,
  scope: Scope,
  { limit, ...point }: TimePoint & { limit: number },
): Promise<FleetChangeRow[]> {
  return rowsOf(
    conn,
    sql`${fleetLine(scope, point)}
      SELECT c.node_id AS "nodeId", n.display_name AS "displayName", ${ms(sql`c.valid_from`)} AS at,
        c.previous AS "from", c.state AS "to", c.reason
      FROM (
        SELECT line.*, lag(state) OVER (PARTITION BY trust_domain_id, node_id ORDER BY valid_from) AS previous
        FROM line
      ) c
      JOIN node n ON n.trust_domain_id = c.trust_domain_id AND n.id = c.node_id
      WHERE c.state IS DISTINCT FROM c.previous AND c.valid_from <= ${instant(validAt(point))}
      ORDER BY c.valid_from DESC, c.node_id LIMIT ${limit}`,
  );
}
