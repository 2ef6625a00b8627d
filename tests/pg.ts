import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, inject } from "vitest";

/** How long the server may take to notice that a connection was closed. Milliseconds. */
const CLOSE_WAIT_MS = 3000;

/** How long the blocked sessions of a race may take to arrive. Milliseconds. */
const BLOCK_WAIT_MS = 5000;

export type TestDatabase = {
  /** Connection string of this file's own database. Connect only inside hooks and tests. */
  readonly url: string;
  /** Closed after the file. */
  readonly pool: Pool;
};

/**
 * A database of its own for this test file: migrated, empty, dropped after the file.
 *
 * Call once at the top of a `*.db.test.ts`. The file fails when one of its connections is still
 * open at the end, because such a leak starves a pool in production.
 */
export function useDatabase(): TestDatabase {
  const adminUrl = inject("pgAdminUrl");
  if (!adminUrl) throw new Error("useDatabase() works only in files named *.db.test.ts");
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  const url = adminUrl.replace("/postgres?", `/${name}?`);
  const pool = new Pool({ connectionString: url, max: 10, application_name: "touchstone-test" });
  pool.on("error", () => {});

  beforeAll(() =>
    asAdmin(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${inject("pgTemplate")} STRATEGY FILE_COPY`),
  );
  afterAll(async () => {
    const checkedOut = pool.totalCount - pool.idleCount;
    const ended = pool.end(); // waits for clients that were never released
    if (checkedOut === 0) await ended;
    const open = await connectionsLeft(adminUrl, name, checkedOut);
    await asAdmin(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    if (open.length > 0)
      throw new Error(`${open.length} connection(s) leaked by this file:\n${open.join("\n")}`);
  });
  return { url, pool };
}

async function asAdmin(
  adminUrl: string,
  sql: string,
  params: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return (await admin.query(sql, params)).rows;
  } finally {
    await admin.end();
  }
}

async function connectionsLeft(adminUrl: string, name: string, leaked: number): Promise<string[]> {
  const deadline = Date.now() + (leaked > 0 ? 0 : CLOSE_WAIT_MS);
  for (;;) {
    const rows = await asAdmin(
      adminUrl,
      "SELECT application_name || ' ' || coalesce(state, '') || ': ' || query AS line FROM pg_stat_activity WHERE datname = $1",
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => String(row.line));
    await sleep(20);
  }
}

/**
 * Make a race certain: hold rows locked until `blocked` sessions wait for them, then let go.
 *
 * @param whereSql selects the rows of `table`, with `params` as `$1`…
 * @param waitMs how long the sessions may take to arrive
 * @param fn starts the competing work; its promises are awaited after the lock is released. What must queue behind others
 *   waits until so many of them wait.
 * @returns what each promise came to, in order
 * @throws when fewer than `blocked` sessions came to wait: then the code under test takes no lock
 */
export async function whileLocked<T>(
  pool: Pool,
  table: string,
  whereSql: string,
  params: readonly unknown[],
  { blocked, waitMs = BLOCK_WAIT_MS }: { blocked: number; waitMs?: number },
  fn: (whenWaiting: (sessions: number) => Promise<void>) => readonly Promise<T>[],
): Promise<PromiseSettledResult<T>[]> {
  const holder = await pool.connect();
  let results: Promise<PromiseSettledResult<T>[]> | undefined;
  try {
    await holder.query("BEGIN");
    const { rowCount } = await holder.query(`SELECT 1 FROM ${table} WHERE ${whereSql} FOR UPDATE`, [
      ...params,
    ]);
    if (!rowCount) throw new Error(`whileLocked: no row of ${table} where ${whereSql}`);
    results = Promise.allSettled(fn((sessions) => untilBlocked(holder, sessions, waitMs)));
    await untilBlocked(holder, blocked, waitMs);
  } finally {
    await holder.query("COMMIT").catch(() => {});
    holder.release();
    await results;
  }
  return results;
}

/** The second waiter of one row waits for the first, not for the holder: count whoever waits here. */
async function untilBlocked(
  holder: { query: Pool["query"] },
  blocked: number,
  waitMs: number,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    // Within a transaction the view is a snapshot of the first look.
    await holder.query("SELECT pg_stat_clear_snapshot()");
    const { rows } = await holder.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    const waiting = rows[0]?.n ?? 0;
    if (waiting >= blocked) return;
    if (Date.now() > deadline) throw new Error(`whileLocked: ${waiting} of ${blocked} sessions came to wait`);
    await sleep(10);
  }
}
