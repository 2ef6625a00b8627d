/** The tree of trust domains. */
import { isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import { rowsOf, uuids } from "./sql.ts";

/** The domain without a parent; `undefined` in an empty database. */
export async function trustDomainRoot(conn: Conn): Promise<{ id: string } | undefined> {
  const [row] = await conn
    .select({ id: trustDomain.id })
    .from(trustDomain)
    .where(isNull(trustDomain.parentId))
    .orderBy(trustDomain.createdAt)
    .limit(1);
  return row;
}

export async function trustDomainInsert(tx: Tx, row: typeof trustDomain.$inferInsert): Promise<void> {
  await tx.insert(trustDomain).values(row);
}

/** All domains; the scope of our own processes. */
export async function trustDomainIds(conn: Conn): Promise<string[]> {
  const rows = await conn.select({ id: trustDomain.id }).from(trustDomain).orderBy(trustDomain.id);
  return rows.map(({ id }) => id);
}

/** The given domains and everything below them. */
export async function trustDomainSubtree(conn: Conn, roots: readonly string[]): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    conn,
    sql`WITH RECURSIVE tree AS (
        SELECT id FROM trust_domain WHERE id = ANY(${uuids(roots)})
        UNION SELECT d.id FROM trust_domain d JOIN tree t ON d.parent_id = t.id
      ) SELECT id FROM tree ORDER BY id`,
  );
  return rows.map(({ id }) => id);
}

/** Let only one transaction at a time set up an empty database. */
export async function trustDomainCreationLock(tx: Tx): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('touchstone.first_start'))`);
}
