/** Nodes that wait for a person. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { enrolment, enrolmentDecision } from "#db/schema/identity";
import { ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type EnrolmentRow = {
  nodeId: string;
  nodeName: string;
  status: string;
  state: string;
  sourceId: string;
  sourceName: string;
  requestedAt: number;
  decidedAt: number | null;
  decidedBy: string | null;
  reason: string | null;
  identities: { kind: string; value: string }[];
  alarms: number;
};

/** Enrolments, those that wait longest first. */
export async function enrolmentList(
  conn: Conn,
  scope: Scope,
  { openOnly, limit }: { openOnly: boolean; limit: number },
): Promise<EnrolmentRow[]> {
  return rowsOf(
    conn,
    sql`SELECT e.node_id AS "nodeId", n.display_name AS "nodeName", t.status, e.state, e.source_id AS "sourceId",
        coalesce(s.name, '') AS "sourceName", ${ms(sql`e.requested_at`)} AS "requestedAt",
        ${ms(sql`e.decided_at`)} AS "decidedAt", coalesce(u.email, e.decided_by) AS "decidedBy", e.reason,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value)
            ORDER BY i.role = 'anchor' DESC, i.kind, i.value), '[]'::jsonb)
          FROM node_identity i WHERE i.trust_domain_id = e.trust_domain_id AND i.node_id = e.node_id
            AND i.strong AND i.valid_to IS NULL) AS identities,
        (SELECT count(*)::int FROM identity_alarm a WHERE a.trust_domain_id = e.trust_domain_id
          AND a.node_id = e.node_id AND a.settled_at IS NULL) AS alarms
      FROM enrolment e
      JOIN node n ON n.trust_domain_id = e.trust_domain_id AND n.id = e.node_id
      JOIN node_state t ON t.trust_domain_id = e.trust_domain_id AND t.node_id = e.node_id
      LEFT JOIN source s ON s.trust_domain_id = e.trust_domain_id AND s.id = e.source_id
      LEFT JOIN app_user u ON u.id::text = e.decided_by
      WHERE e.trust_domain_id = ANY(${uuids(scope)})
        AND ${openOnly ? sql`e.state IN ('waiting', 'paused')` : sql`TRUE`}
      ORDER BY array_position(ARRAY['waiting', 'paused', 'denied', 'accepted'], e.state), e.requested_at, e.node_id
      LIMIT ${limit}`,
  );
}

/** Enrolments by state. */
export async function enrolmentCounts(conn: Conn, scope: Scope): Promise<{ state: string; nodes: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT state, count(*)::int AS nodes FROM enrolment
      WHERE trust_domain_id = ANY(${uuids(scope)}) GROUP BY state`,
  );
}

/** Locked until the transaction ends; `undefined` when there is none in the scope. */
export async function enrolmentLock(tx: Tx, scope: Scope, nodeId: string) {
  const [row] = await tx
    .select()
    .from(enrolment)
    .where(and(inArray(enrolment.trustDomainId, [...scope]), eq(enrolment.nodeId, nodeId)))
    .for("update");
  return row;
}

/** Append a decision and make it the one in force. The caller holds the row's lock. */
export async function enrolmentDecide(
  tx: Tx,
  decision: typeof enrolmentDecision.$inferInsert,
): Promise<void> {
  const { trustDomainId, nodeId, at, state, decidedBy, reason } = decision;
  await tx.insert(enrolmentDecision).values(decision);
  await tx
    .update(enrolment)
    .set({ state, decidedAt: at, decidedBy, reason })
    .where(and(eq(enrolment.trustDomainId, trustDomainId), eq(enrolment.nodeId, nodeId)));
}
