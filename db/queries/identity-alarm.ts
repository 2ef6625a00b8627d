/** Findings that two parties claim to be one machine. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { identityAlarm } from "#db/schema/identity";
import { ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { upTo } from "./time-sql.ts";

export type IdentityAlarmRow = {
  id: string;
  kind: string;
  nodeId: string;
  nodeName: string;
  otherNodeId: string | null;
  otherName: string | null;
  sourceName: string | null;
  sentence: string;
  claimed: { kind: string; value: string }[];
  times: number;
  firstAt: number;
  lastAt: number;
  settledAt: number | null;
  settledBy: string | null;
  settledReason: string | null;
};

/**
 * Alarms, the last seen first.
 *
 * @param asOf those that had been raised by then, settled or not as they were then; `null` = now
 */
export async function identityAlarmList(
  conn: Conn,
  scope: Scope,
  {
    nodeId,
    openOnly,
    asOf,
    limit,
  }: { nodeId: string | null; openOnly: boolean; asOf: Date | null; limit: number },
): Promise<IdentityAlarmRow[]> {
  const settled = sql`(a.settled_at IS NOT NULL AND ${upTo(sql`a.settled_at`, asOf)})`;
  return rowsOf(
    conn,
    sql`SELECT a.id, a.kind, a.node_id AS "nodeId", n.display_name AS "nodeName", o.id AS "otherNodeId",
        o.display_name AS "otherName", s.name AS "sourceName", a.sentence, a.claimed, a.n::float8 AS times,
        ${ms(sql`a.first_at`)} AS "firstAt", ${ms(sql`a.last_at`)} AS "lastAt",
        CASE WHEN ${settled} THEN ${ms(sql`a.settled_at`)} END AS "settledAt", coalesce(u.email, a.settled_by) AS "settledBy",
        a.settled_reason AS "settledReason"
      FROM identity_alarm a
      JOIN node n ON n.trust_domain_id = a.trust_domain_id AND n.id = a.node_id
      LEFT JOIN node o ON o.trust_domain_id = a.trust_domain_id AND o.id = a.other_node_id
      LEFT JOIN source s ON s.trust_domain_id = a.trust_domain_id AND s.id = a.source_id
      LEFT JOIN app_user u ON u.id::text = a.settled_by
      WHERE a.trust_domain_id = ANY(${uuids(scope)})
        AND ${upTo(sql`a.first_at`, asOf)} AND ${openOnly ? sql`NOT ${settled}` : sql`TRUE`}
        AND ${nodeId ? sql`(a.node_id = ${nodeId}::uuid OR a.other_node_id = ${nodeId}::uuid)` : sql`TRUE`}
      ORDER BY a.last_at DESC, a.id LIMIT ${limit}`,
  );
}

/** Locked until the transaction ends; `undefined` when there is none in the scope. */
export async function identityAlarmLock(tx: Tx, scope: Scope, id: string) {
  const [row] = await tx
    .select()
    .from(identityAlarm)
    .where(and(inArray(identityAlarm.trustDomainId, [...scope]), eq(identityAlarm.id, id)))
    .for("update");
  return row;
}

export async function identityAlarmSettle(
  tx: Tx,
  alarm: { trustDomainId: string; id: string },
  settled: { at: Date; by: string; reason: string },
): Promise<void> {
  await tx
    .update(identityAlarm)
    .set({ settledAt: settled.at, settledBy: settled.by, settledReason: settled.reason })
    .where(and(eq(identityAlarm.trustDomainId, alarm.trustDomainId), eq(identityAlarm.id, alarm.id)));
}
