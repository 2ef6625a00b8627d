/** The log over the audit entries: what waits, what was taken in, its checkpoints and keys. */
import { and, asc, desc, eq, gt, gte, inArray, lt, lte, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import {
  auditCheckpoint,
  auditLeaf,
  auditLog,
  auditLogKey,
  auditPending,
  auditTileHash,
} from "#db/schema/audit-log";
import { auditEntry } from "#db/schema/people";
import type { AuditEntryRow } from "./audit.ts";
import { rowsOf } from "./sql.ts";

export type LogRow = typeof auditLog.$inferSelect;
export type CheckpointRow = typeof auditCheckpoint.$inferSelect;
export type LogKeyRow = typeof auditLogKey.$inferSelect;
export type LeafRow = typeof auditLeaf.$inferSelect;

/** Locked until the transaction ends; made when it is the domain's first time. */
export async function logLock(tx: Tx, fresh: typeof auditLog.$inferInsert): Promise<LogRow> {
  await tx.insert(auditLog).values(fresh).onConflictDoNothing();
  const [row] = await tx
    .select()
    .from(auditLog)
    .where(eq(auditLog.trustDomainId, fresh.trustDomainId))
    .for("update");
  if (!row) throw new Error("The log's row vanished");
  return row;
}

/** `undefined` before the log's first checkpoint. */
export async function logRead(conn: Conn, trustDomainId: string): Promise<LogRow | undefined> {
  const [row] = await conn.select().from(auditLog).where(eq(auditLog.trustDomainId, trustDomainId));
  return row;
}

export async function logMove(
  tx: Tx,
  { trustDomainId, size, peaks }: Pick<LogRow, "trustDomainId" | "size" | "peaks">,
): Promise<void> {
  await tx.update(auditLog).set({ size, peaks }).where(eq(auditLog.trustDomainId, trustDomainId));
}

export type PendingRow = { entryId: string; leafHash: Buffer | null; entry: AuditEntryRow | null };

/** Entries that the tree has yet to take in, by their instant; `entry` is `null` when somebody deleted it. */
export async function pendingList(conn: Conn, trustDomainId: string, limit: number): Promise<PendingRow[]> {
  return conn
    .select({ entryId: auditPending.entryId, leafHash: auditPending.leafHash, entry: auditEntry })
    .from(auditPending)
    .leftJoin(
      auditEntry,
      and(eq(auditEntry.trustDomainId, auditPending.trustDomainId), eq(auditEntry.id, auditPending.entryId)),
    )
    .where(eq(auditPending.trustDomainId, trustDomainId))
    .orderBy(sql`${auditEntry.at} NULLS FIRST`, asc(auditPending.entryId))
    .limit(limit);
}

export async function pendingCount(conn: Conn, trustDomainId: string): Promise<number> {
  return conn.$count(auditPending, eq(auditPending.trustDomainId, trustDomainId));
}

export async function pendingDelete(tx: Tx, trustDomainId: string, ids: readonly string[]): Promise<void> {
  await tx
    .delete(auditPending)
    .where(and(eq(auditPending.trustDomainId, trustDomainId), inArray(auditPending.entryId, [...ids])));
}

export async function leafInsertAll(tx: Tx, rows: readonly LeafRow[]): Promise<void> {
  await tx.insert(auditLeaf).values([...rows]);
}

export async function tileHashInsertAll(
  tx: Tx,
  rows: readonly (typeof auditTileHash.$inferSelect)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(auditTileHash).values([...rows]);
}

/** Hashes of a level of tiles from `start` up to, not including, `end`; fewer when fewer exist. */
export async function tileHashes(
  conn: Conn,
  trustDomainId: string,
  { level, start, end }: { level: number; start: number; end: number },
): Promise<Buffer[]> {
  if (level === 0) return (await leafList(conn, trustDomainId, { start, end })).map((leaf) => leaf.leafHash);
  const rows = await conn
    .select({ hash: auditTileHash.hash })
    .from(auditTileHash)
    .where(
      and(
        eq(auditTileHash.trustDomainId, trustDomainId),
        eq(auditTileHash.level, level),
        gte(auditTileHash.position, start),
        lt(auditTileHash.position, end),
      ),
    )
    .orderBy(asc(auditTileHash.position));
  return rows.map((row) => row.hash);
}

export async function leafList(
  conn: Conn,
  trustDomainId: string,
  { start, end }: { start: number; end: number },
): Promise<LeafRow[]> {
  return conn
    .select()
    .from(auditLeaf)
    .where(
      and(
        eq(auditLeaf.trustDomainId, trustDomainId),
        gte(auditLeaf.leafIndex, start),
        lt(auditLeaf.leafIndex, end),
      ),
    )
    .orderBy(asc(auditLeaf.leafIndex));
}

/** Leaves with their entries, in the log's order; `entry` is `null` when somebody deleted it. */
export async function leafEntries(
  conn: Conn,
  trustDomainId: string,
  args: { from: number; limit: number },
): Promise<{ leaf: LeafRow; entry: AuditEntryRow | null }[]> {
  return conn
    .select({ leaf: auditLeaf, entry: auditEntry })
    .from(auditLeaf)
    .leftJoin(
      auditEntry,
      and(eq(auditEntry.trustDomainId, auditLeaf.trustDomainId), eq(auditEntry.id, auditLeaf.entryId)),
    )
    .where(and(eq(auditLeaf.trustDomainId, trustDomainId), gte(auditLeaf.leafIndex, args.from)))
    .orderBy(asc(auditLeaf.leafIndex))
    .limit(args.limit);
}

/** Entries that neither wait nor are in the tree: nobody wrote them by the product. @returns the first by instant */
export async function strayEntry(conn: Conn, trustDomainId: string): Promise<string | null> {
  const [row] = await rowsOf<{ id: string }>(
    conn,
    sql`SELECT e.id FROM audit_entry e
      WHERE e.trust_domain_id = ${trustDomainId}
        AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.trust_domain_id = e.trust_domain_id AND l.entry_id = e.id)
        AND NOT EXISTS (SELECT FROM audit_pending p WHERE p.trust_domain_id = e.trust_domain_id AND p.entry_id = e.id)
      ORDER BY e.at, e.id LIMIT 1`,
  );
  return row?.id ?? null;
}

export async function checkpointInsert(tx: Tx, row: CheckpointRow): Promise<void> {
  await tx.insert(auditCheckpoint).values(row);
}

export async function checkpointLatest(
  conn: Conn,
  trustDomainId: string,
): Promise<CheckpointRow | undefined> {
  const [row] = await conn
    .select()
    .from(auditCheckpoint)
    .where(eq(auditCheckpoint.trustDomainId, trustDomainId))
    .orderBy(desc(auditCheckpoint.size))
    .limit(1);
  return row;
}

export async function checkpointAt(
  conn: Conn,
  trustDomainId: string,
  size: number,
): Promise<CheckpointRow | undefined> {
  const [row] = await conn
    .select()
    .from(auditCheckpoint)
    .where(and(eq(auditCheckpoint.trustDomainId, trustDomainId), eq(auditCheckpoint.size, size)));
  return row;
}

/** Checkpoints of more than `after` entries, smallest first. */
export async function checkpointsAfter(
  conn: Conn,
  trustDomainId: string,
  { after, limit, upTo = Number.MAX_SAFE_INTEGER }: { after: number; limit: number; upTo?: number },
): Promise<CheckpointRow[]> {
  return conn
    .select()
    .from(auditCheckpoint)
    .where(
      and(
        eq(auditCheckpoint.trustDomainId, trustDomainId),
        gt(auditCheckpoint.size, after),
        lte(auditCheckpoint.size, upTo),
      ),
    )
    .orderBy(asc(auditCheckpoint.size))
    .limit(limit);
}

/** Keys of the log, first made first. */
export async function logKeys(conn: Conn, trustDomainId: string): Promise<LogKeyRow[]> {
  return conn
    .select()
    .from(auditLogKey)
    .where(eq(auditLogKey.trustDomainId, trustDomainId))
    .orderBy(asc(auditLogKey.createdAt), asc(auditLogKey.vkey));
}

export async function logKeyInsert(tx: Tx, row: typeof auditLogKey.$inferInsert): Promise<void> {
  await tx.insert(auditLogKey).values(row);
}

export async function logKeyRetire(
  tx: Tx,
  { trustDomainId, vkey }: Pick<LogKeyRow, "trustDomainId" | "vkey">,
  retireAt: Date,
): Promise<void> {
  await tx
    .update(auditLogKey)
    .set({ retireAt })
    .where(and(eq(auditLogKey.trustDomainId, trustDomainId), eq(auditLogKey.vkey, vkey)));
}
