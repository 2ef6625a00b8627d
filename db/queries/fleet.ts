/** Figures about the fleet as a whole. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { hasCoverageLoss } from "./coverage-loss.ts";
import { fleetAsOf, fleetLine, fleetNow } from "./fleet-sql.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type FleetStatusRow = {
  status: string;
  nodes: number;
  fresh: number;
  /** Whose verifier checks less than before. */
  reduced: number;
  never: number;
  /** Epoch milliseconds; `null` when none of these nodes has evidence. */
  oldest: number | null;
};

/**
 * Nodes by status.
 *
 * @param asOf instant to answer for; `null` = now
 */
export async function fleetByStatus(
  conn: Conn,
  scope: Scope,
  { asOf, now }: { asOf: Date | null; now: Date },
): Promise<FleetStatusRow[]> {
  return rowsOf(
    conn,
    sql`${asOf ? fleetAsOf(scope, asOf) : fleetNow(scope, now)}
      SELECT status, count(*)::int AS nodes, count(*) FILTER (WHERE fresh)::int AS fresh,
        count(*) FILTER (WHERE ${hasCoverageLoss({ domain: sql`fleet.trust_domain_id`, id: sql`fleet.id` }, asOf ?? now)})::int AS reduced,
        count(*) FILTER (WHERE last_evidence_at IS NULL)::int AS never,
        ${ms(sql`min(last_evidence_at)`)} AS oldest
      FROM fleet GROUP BY status`,
  );
}

export type FleetTroubles = {
  unattributed: number;
  rejected: number;
  identityAlarms: number;
  enrolmentsWaiting: number;
  overdueNodes: number;
};

/** Open findings about identities, and refused events and failed bootstrap events without a node in the 24 hours up to an instant. */
export async function fleetTroubles(conn: Conn, scope: Scope, at: Date): Promise<FleetTroubles> {
  const window = sql`interval '24 hours'`;
  const [row] = await rowsOf<FleetTroubles>(
    conn,
    sql`SELECT
      (SELECT count(*)::int FROM bootstrap_event
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id IS NULL AND outcome IN ('failure', 'denied')
          AND occurred_at <= ${instant(at)} AND occurred_at > ${instant(at)} - ${window}) AS unattributed,
      (SELECT count(*)::int FROM rejected_event
        WHERE trust_domain_id = ANY(${uuids(scope)})
          AND first_at <= ${instant(at)} AND last_at > ${instant(at)} - ${window}) AS rejected,
      (SELECT count(*)::int FROM identity_alarm
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND first_at <= ${instant(at)}
          AND (settled_at IS NULL OR settled_at > ${instant(at)})) AS "identityAlarms",
      (SELECT count(*)::int FROM enrolment e
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND requested_at <= ${instant(at)} AND NOT EXISTS (
          SELECT FROM enrolment_decision d WHERE d.trust_domain_id = e.trust_domain_id AND d.node_id = e.node_id
            AND d.at <= ${instant(at)})) AS "enrolmentsWaiting",
      (SELECT count(*)::int FROM expected_node
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND overdue_at <= ${instant(at)}
          AND (enrolled_at IS NULL OR enrolled_at > ${instant(at)})
          AND (withdrawn_at IS NULL OR withdrawn_at > ${instant(at)})) AS "overdueNodes"`,
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
  { at, now }: { at: readonly Date[]; now: Date },
): Promise<{ index: number; status: string; delta: number }[]> {
  const points = sql`${sql.param(at.map((date) => date.getTime()))}::float8[]`;
  // Counts the points before an instant: the first one at or after it. Instants are whole milliseconds.
  const index = (column: ReturnType<typeof sql>) => sql`width_bucket(${ms(column)} - 1, ${points})`;
  const [first, last] = [at[0] ?? now, at.at(-1) ?? now];
  return rowsOf(
    conn,
    sql`${fleetLine(scope, now)}, part AS (
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

/** The newest changes of a node's status. A new reason for the same status is not one. */
export async function fleetChangeList(
  conn: Conn,
  scope: Scope,
  { limit, now }: { limit: number; now: Date },
): Promise<FleetChangeRow[]> {
  return rowsOf(
    conn,
    sql`${fleetLine(scope, now)}
      SELECT c.node_id AS "nodeId", n.display_name AS "displayName", ${ms(sql`c.valid_from`)} AS at,
        c.previous AS "from", c.state AS "to", c.reason
      FROM (
        SELECT line.*, lag(state) OVER (PARTITION BY trust_domain_id, node_id ORDER BY valid_from) AS previous
        FROM line
      ) c
      JOIN node n ON n.trust_domain_id = c.trust_domain_id AND n.id = c.node_id
      WHERE c.state IS DISTINCT FROM c.previous AND c.valid_from <= ${instant(now)}
      ORDER BY c.valid_from DESC, c.node_id LIMIT ${limit}`,
  );
}
