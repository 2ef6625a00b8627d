/** The database as one caller sees it: row security shows the rows of its trust domains and no others. */
import { Pool, type PoolClient } from "pg";
import { type Db, dbOf } from "./client.ts";

/** Role that owns nothing and cannot bypass row security; migration 0020 makes it. */
export const APP_ROLE = "touchstone_app";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A handle for one request. Every query outside of a transaction gets one of its own, because what a session may
 * see is set for a transaction and ends with it: a connection that goes back to the pool remembers nobody.
 *
 * @param pool connected as {@link APP_ROLE}, or as somebody who may take that role: each transaction takes it
 * @param domains all that the caller may see; with none, no tenant's row is visible
 */
export function scopedDb(pool: Pool, domains: readonly string[]): Db {
  const begin = `BEGIN; SET LOCAL ROLE ${APP_ROLE}; SET LOCAL touchstone.trust_domains = '${listOf(domains)}'`;
  const inScope = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin);
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
  };
  const query = (...args: unknown[]) =>
    inScope((client) => (client.query as (...all: unknown[]) => Promise<unknown>)(...args));
  const connect = async () => scopedClient(await pool.connect(), begin);
  const end = async (): Promise<void> => {}; // belongs to the process, not to the request
  // drizzle tells a pool from a connection by its class.
  return dbOf(Object.assign(Object.create(Pool.prototype) as Pool, { query, connect, end }));
}

/** A connection on which every transaction begins by naming the domains. */
function scopedClient(client: PoolClient, begin: string): PoolClient {
  const query = (statement: unknown, ...rest: unknown[]) => {
    const text = typeof statement === "string" ? statement : (statement as { text: string }).text;
    const words = /^begin\b(.*)$/is.exec(text.trim());
    if (!words) return (client.query as (...args: unknown[]) => unknown)(statement, ...rest);
    return client.query(begin.replace("BEGIN", `BEGIN ${words[1] ?? ""}`));
  };
  return Object.create(client, { query: { value: query } }) as PoolClient;
}

/** @throws for anything that is no UUID: the text stands in a statement */
function listOf(domains: readonly string[]): string {
  for (const id of domains) if (!UUID.test(id)) throw new Error("A trust domain is a UUID");
  return `{${domains.join(",")}}`;
}
