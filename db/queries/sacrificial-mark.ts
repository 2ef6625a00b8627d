/** Marks of nodes on which recipes may be drilled for real. */
import { and, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { node } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import { sacrificialMark } from "#db/schema/sacrificial-mark";
import { instant, type Scope } from "./sql.ts";

export type MarkRow = typeof sacrificialMark.$inferSelect;

/** The mark of a node that holds, with who made it. */
export async function markOfNode(
  conn: Conn,
  scope: Scope,
  nodeId: string,
  now: Date,
): Promise<(MarkRow & { email: string }) | undefined> {
  const [row] = await conn
    .select({ mark: sacrificialMark, email: appUser.email })
    .from(sacrificialMark)
    .innerJoin(appUser, eq(appUser.id, sacrificialMark.madeBy))
    .where(
      and(
        inArray(sacrificialMark.trustDomainId, [...scope]),
        eq(sacrificialMark.nodeId, nodeId),
        isNull(sacrificialMark.endedAt),
        gt(sacrificialMark.expiresAt, now),
      ),
    );
  return row && { ...row.mark, email: row.email };
}

/** Marks that hold, with their nodes and who made them, soonest over first. */
export async function marksNow(
  conn: Conn,
  scope: Scope,
  now: Date,
  limit: number,
): Promise<(MarkRow & { email: string; nodeName: string })[]> {
  const rows = await conn
    .select({ mark: sacrificialMark, email: appUser.email, nodeName: node.displayName })
    .from(sacrificialMark)
    .innerJoin(appUser, eq(appUser.id, sacrificialMark.madeBy))
    .innerJoin(
      node,
      and(eq(node.trustDomainId, sacrificialMark.trustDomainId), eq(node.id, sacrificialMark.nodeId)),
    )
    .where(
      and(
        inArray(sacrificialMark.trustDomainId, [...scope]),
        isNull(sacrificialMark.endedAt),
        gt(sacrificialMark.expiresAt, now),
      ),
    )
    .orderBy(sacrificialMark.expiresAt, sacrificialMark.id)
    .limit(limit);
  return rows.map(({ mark, email, nodeName }) => ({ ...mark, email, nodeName }));
}

/** A mark as plans see it. */
export type HeldMark = { id: string; nodeId: string; expiresAt: Date };

/** Marks of some nodes that hold. Nobody ends one of them before the transaction is over, where `conn` is one. */
export function marksHeld(
  conn: Conn,
  trustDomainId: string,
  nodeIds: readonly string[],
  now: Date,
): Promise<HeldMark[]> {
  return conn
    .select({
      id: sacrificialMark.id,
      nodeId: sacrificialMark.nodeId,
      expiresAt: sacrificialMark.expiresAt,
    })
    .from(sacrificialMark)
    .where(
      and(
        eq(sacrificialMark.trustDomainId, trustDomainId),
        inArray(sacrificialMark.nodeId, [...nodeIds]),
        isNull(sacrificialMark.endedAt),
        gt(sacrificialMark.expiresAt, now),
      ),
    )
    .orderBy(sacrificialMark.id)
    .for("share");
}

export async function markInsert(tx: Tx, row: typeof sacrificialMark.$inferInsert): Promise<void> {
  await tx.insert(sacrificialMark).values(row);
}

/** End the mark that a node has, where it has one; one whose time was over ended then. */
export async function markEnd(
  tx: Tx,
  { trustDomainId, nodeId, at, by }: { trustDomainId: string; nodeId: string; at: Date; by: string },
): Promise<MarkRow | undefined> {
  const [row] = await tx
    .update(sacrificialMark)
    .set({ endedAt: sql`least(${instant(at)}, ${sacrificialMark.expiresAt})`, endedBy: by })
    .where(
      and(
        eq(sacrificialMark.trustDomainId, trustDomainId),
        eq(sacrificialMark.nodeId, nodeId),
        isNull(sacrificialMark.endedAt),
      ),
    )
    .returning();
  return row;
}
