/** Reading on two connections that see one state of the database. */
import { sql } from "drizzle-orm";
import type { Db, Tx } from "./client.ts";

const READING = { isolationLevel: "repeatable read", accessMode: "read only" } as const;

/** @param work what it asks of its two transactions runs side by side, and both end with it */
export async function inOneView<T>(db: Db, work: (tx: Tx, beside: Tx) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ view: string }>(
      sql`SELECT quote_literal(pg_export_snapshot()) AS view`,
    );
    const [{ view } = { view: "" }] = rows;
    return db.transaction(async (beside) => {
      await beside.execute(sql`SET TRANSACTION SNAPSHOT ${sql.raw(view)}`);
      return work(tx, beside);
    }, READING);
  }, READING);
}
