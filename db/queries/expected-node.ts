/** Nodes that somebody counts on. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { expectedNode } from "#db/schema/identity";
import { rowsOf, type Scope, uuids } from "./sql.ts";

export type ExpectedNodeRow = typeof expectedNode.$inferSelect;

const OPEN = and(isNull(expectedNode.enrolledAt), isNull(expectedNode.withdrawnAt));

/** Expected nodes, the oldest first; `openOnly` leaves out those that came or were withdrawn. */
export async function expectedNodeList(
  conn: Conn,
  scope: Scope,
  { openOnly, limit }: { openOnly: boolean; limit: number },
): Promise<ExpectedNodeRow[]> {
  return conn
    .select()
    .from(expectedNode)
    .where(and(inArray(expectedNode.trustDomainId, [...scope]), openOnly ? OPEN : undefined))
    .orderBy(sql`overdue_at IS NULL`, expectedNode.createdAt, expectedNode.id)
    .limit(limit);
}

export async function expectedNodeCounts(
  conn: Conn,
  scope: Scope,
): Promise<{ expected: number; overdue: number }> {
  const [row] = await rowsOf<{ expected: number; overdue: number }>(
    conn,
    sql`SELECT count(*) FILTER (WHERE overdue_at IS NULL)::int AS expected,
        count(*) FILTER (WHERE overdue_at IS NOT NULL)::int AS overdue
      FROM expected_node
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND enrolled_at IS NULL AND withdrawn_at IS NULL`,
  );
  return row ?? { expected: 0, overdue: 0 };
}

/** Add inventory lines. @returns the names that were really new */
export async function expectedNodeInsert(
  tx: Tx,
  rows: (typeof expectedNode.$inferInsert)[],
): Promise<string[]> {
  const inserted = await tx
    .insert(expectedNode)
    .values(rows)
    .onConflictDoNothing()
    .returning({ name: expectedNode.name });
  return inserted.map(({ name }) => name);
}

/** The open one, locked until the transaction ends; `undefined` when there is none in the scope. */
export async function expectedNodeLock(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<ExpectedNodeRow | undefined> {
  const [row] = await tx
    .select()
    .from(expectedNode)
    .where(and(inArray(expectedNode.trustDomainId, [...scope]), eq(expectedNode.id, id), OPEN))
    .for("update");
  return row;
}

export async function expectedNodeWithdraw(tx: Tx, row: ExpectedNodeRow, at: Date): Promise<void> {
  await tx
    .update(expectedNode)
    .set({ withdrawnAt: at })
    .where(and(eq(expectedNode.trustDomainId, row.trustDomainId), eq(expectedNode.id, row.id)));
}
