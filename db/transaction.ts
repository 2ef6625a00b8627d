/** Plain SQL in a transaction, for the paths that write it by hand. */
import type { ClientBase, Pool } from "pg";

export type SqlPool = Pool;
export type SqlClient = ClientBase;

/**
 * Look rows up by index in this transaction, whatever the statistics say. Prepared plans are made
 * while tables are small or empty and stay when they have grown; a batch must not meet one of those.
 */
export const BY_INDEX = "SET LOCAL enable_seqscan = off";

/**
 * Run `work` in a transaction of its own; a connection that cannot roll back is thrown away.
 *
 * @param settings statements that begin the transaction, for example {@link BY_INDEX}
 */
export async function inTransaction<T>(
  pool: SqlPool,
  work: (client: SqlClient) => Promise<T>,
  settings = "",
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN; ${settings}`);
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
