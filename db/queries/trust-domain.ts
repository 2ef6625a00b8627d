/** The tree of trust domains. */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import { rowsOf, type Scope, uuids } from "./sql.ts";

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

/** The visible ones, by name. */
export async function trustDomainRows(conn: Conn, scope: Scope) {
  return conn
    .select()
    .from(trustDomain)
    .where(inArray(trustDomain.id, [...scope]))
    .orderBy(asc(trustDomain.name));
}

export async function trustDomainLock(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<typeof trustDomain.$inferSelect | undefined> {
  const [row] = await tx
    .select()
    .from(trustDomain)
    .where(and(inArray(trustDomain.id, [...scope]), eq(trustDomain.id, id)))
    .for("update");
  return row;
}

export async function trustDomainRename(tx: Tx, id: string, name: string): Promise<void> {
  await tx.update(trustDomain).set({ name }).where(eq(trustDomain.id, id));
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
