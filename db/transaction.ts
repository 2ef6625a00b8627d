/** Plain SQL in a transaction, for the paths that write it by hand. */
import type { ClientBase, Pool } from "pg";

export type SqlPool = Pool;
export type SqlClient = ClientBase;

/** Run `work` in a transaction of its own; a connection that cannot roll back is thrown away. */
export async function inTransaction<T>(pool: SqlPool, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
