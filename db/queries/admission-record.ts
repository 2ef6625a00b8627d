/** Whom admission turned away or warned about. */
import { and, desc, inArray, lt, or, sql } from "drizzle-orm";
import type { Conn, Db } from "#db/client";
import { admissionRecord } from "#db/schema/admission";
import type { Scope } from "./sql.ts";

export type NewAdmissionRecord = typeof admissionRecord.$inferInsert & { fingerprint: Buffer; stretch: Date };
export type AdmissionRecordRow = typeof admissionRecord.$inferSelect;

const ROWS_AT_ONCE = 500;

/** Add rows, or count on those that are there. No key may come twice. */
export async function admissionRecordCount(db: Db, rows: readonly NewAdmissionRecord[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const { trustDomainId, stretch, fingerprint, n, lastAt } = admissionRecord;
    await db
      .insert(admissionRecord)
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .onConflictDoUpdate({
        target: [trustDomainId, stretch, fingerprint],
        set: { n: sql`${n} + excluded.n`, lastAt: sql`greatest(${lastAt}, excluded.last_at)` },
      });
  }
}

/** The newest first. @param before the last row of the page before */
export async function admissionRecordPage(
  conn: Conn,
  scope: Scope,
  { before, limit }: { before: { lastAt: Date; fingerprint: Buffer } | null; limit: number },
): Promise<AdmissionRecordRow[]> {
  const { trustDomainId, lastAt, fingerprint } = admissionRecord;
  const older = before
    ? or(
        lt(lastAt, before.lastAt),
        and(
          sql`${lastAt} = ${before.lastAt.toISOString()}::timestamptz`,
          lt(fingerprint, before.fingerprint),
        ),
      )
    : undefined;
  return conn
    .select()
    .from(admissionRecord)
    .where(and(inArray(trustDomainId, [...scope]), older))
    .orderBy(desc(lastAt), desc(fingerprint))
    .limit(limit);
}

/** Forget what is older. @returns how many rows went */
export async function admissionRecordPurge(conn: Conn, before: Date): Promise<number> {
  const gone = await conn.delete(admissionRecord).where(lt(admissionRecord.lastAt, before));
  return gone.rowCount ?? 0;
}
