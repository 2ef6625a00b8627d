/** The connection to PostgreSQL. Made in the composition root and handed down; there is no global one. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { type ClientBase, Pool } from "pg";

export type Db = NodePgDatabase & { $client: Pool };
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];
/** Where a query runs: on any connection of the pool, or inside a transaction. */
export type Conn = Db | Tx;

/**
 * Open a pool. Connections are made on first use.
 *
 * @param max most connections at a time
 */
export function openDb(url: string, max = 10): Db {
  const pool = new Pool({ connectionString: url, max, application_name: "touchstone" });
  // A connection that breaks is replaced on next use, and whoever was using it gets the error from
  // the query; without listeners the event itself would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return dbOf(pool);
}

/**
 * The handle of a pool. drizzle gives the connection of a transaction back when that has ended, but keeps one for ever on
 * which it could not begin, as when the database is restarted at that moment; so transactions get theirs from here.
 */
export function dbOf(pool: Pool): Db {
  const transaction: Db["transaction"] = async (work, config) => {
    const client = await pool.connect();
    try {
      return await drizzle(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return Object.assign(drizzle(pool), { transaction });
}

/**
 * The connection that a transaction runs on, for the paths that write SQL by hand. drizzle keeps it in the
 * session and does not say so in its types.
 *
 * @throws when a version of drizzle keeps it elsewhere
 */
export function clientOf(tx: Tx): ClientBase {
  const { client } = tx._.session as unknown as { client?: ClientBase };
  if (!client) throw new Error("The transaction has no connection");
  return client;
}

/**
 * The handle of a transaction for whoever expects one of the whole database: what it begins is a savepoint of this
 * transaction.
 */
export function asDb(tx: Tx): Db {
  return Object.assign(Object.create(tx) as Db, { $client: clientOf(tx) as unknown as Pool });
}
