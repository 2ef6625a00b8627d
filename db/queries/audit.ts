/** The record of what was done. */
import type { Conn } from "#db/client";
import { auditEntry } from "#db/schema/people";

/** Append one entry. In the transaction of the change it records, else it proves nothing. */
export async function auditInsert(conn: Conn, entry: typeof auditEntry.$inferInsert): Promise<void> {
  await conn.insert(auditEntry).values(entry);
}
