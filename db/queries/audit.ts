/** The record of what was done. */
import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import type { Conn } from "#db/client";
import { auditEntry } from "#db/schema/people";
import type { SqlClient } from "#db/transaction";

/** Append one entry. In the transaction of the change it records, else it proves nothing. */
export async function auditInsert(conn: Conn, entry: typeof auditEntry.$inferInsert): Promise<void> {
  await conn.insert(auditEntry).values(entry);
}

/** The same for paths that write plain SQL; in the transaction of `client`. */
export async function auditInsertAll(
  client: SqlClient,
  entries: readonly (typeof auditEntry.$inferInsert)[],
): Promise<void> {
  if (entries.length === 0) return;
  await drizzle(client as PoolClient)
    .insert(auditEntry)
    .values([...entries]);
}
