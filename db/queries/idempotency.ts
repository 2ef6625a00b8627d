/** Answers that are kept for a repeated request. */
import { and, eq, gt, inArray, lte, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { idempotencyRecord } from "#db/schema/service-account";
import { instant, rowsOf, type Scope } from "./sql.ts";

export type IdempotencyRow = typeof idempotencyRecord.$inferSelect;
export type IdempotencyKey = Pick<IdempotencyRow, "principal" | "keySha256">;

/** @returns false when another transaction carries out a request under this key right now */
export async function idempotencyTryLock(tx: Tx, { principal, keySha256 }: IdempotencyKey): Promise<boolean> {
  const name = `${principal} ${keySha256.toString("hex")}`;
  const [row] = await rowsOf<{ held: boolean }>(
    tx,
    sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 26)) AS held`,
  );
  return row?.held ?? false;
}

/** What was answered under this key after an instant. */
export async function idempotencyFind(
  tx: Conn,
  scope: Scope,
  { principal, keySha256 }: IdempotencyKey,
  after: Date,
): Promise<IdempotencyRow | undefined> {
  const [row] = await tx
    .select()
    .from(idempotencyRecord)
    .where(
      and(
        inArray(idempotencyRecord.trustDomainId, [...scope]),
        eq(idempotencyRecord.principal, principal),
        eq(idempotencyRecord.keySha256, keySha256),
        gt(idempotencyRecord.createdAt, after),
      ),
    );
  return row;
}

/** Keep an answer, in the place of one that is over. */
export async function idempotencyPut(tx: Tx, row: IdempotencyRow, over: Date): Promise<void> {
  const { requestSha256, status, answer, createdAt } = row;
  const kept = await tx
    .insert(idempotencyRecord)
    .values(row)
    .onConflictDoUpdate({
      target: [idempotencyRecord.trustDomainId, idempotencyRecord.principal, idempotencyRecord.keySha256],
      set: { requestSha256, status, answer, createdAt },
      setWhere: lte(idempotencyRecord.createdAt, over),
    })
    .returning({ status: idempotencyRecord.status });
  if (kept.length === 0) throw new Error("The answer could not be kept: the key is in use");
}

/** @returns how many were removed: `limit` at most */
export async function idempotencyPurge(conn: Conn, over: Date, limit: number): Promise<number> {
  const rows = await rowsOf(
    conn,
    sql`DELETE FROM idempotency_record WHERE (trust_domain_id, principal, key_sha256) IN (
        SELECT trust_domain_id, principal, key_sha256 FROM idempotency_record
        WHERE created_at <= ${instant(over)} ORDER BY created_at LIMIT ${limit}
      ) RETURNING status`,
  );
  return rows.length;
}
