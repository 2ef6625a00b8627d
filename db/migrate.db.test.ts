import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "#db/migrate";
import { useDatabase } from "#tests/pg";

const { pool, url } = useDatabase();
/** A database that no migration has touched, and a folder of migrations of our own. */
const emptyName = `${databaseOf(url)}_empty`;
const emptyUrl = url.replace(`/${databaseOf(url)}?`, `/${emptyName}?`);
let dir: string;

/** The URL has no host and so is none to `new URL()`. */
function databaseOf(connection: string): string {
  return /\/(\w+)\?/.exec(connection)?.[1] ?? "";
}

beforeEach(async () => {
  await pool.query(`CREATE DATABASE ${emptyName} TEMPLATE template0`);
  dir = await mkdtemp(join(tmpdir(), "touchstone-migrations-"));
  await write("0001_first.sql", "CREATE TABLE first (n bigint)");
  await write("0002_second.sql", "CREATE TABLE second (n bigint)");
});

afterEach(async () => {
  await pool.query(`DROP DATABASE ${emptyName} WITH (FORCE)`);
  await rm(dir, { recursive: true });
});

const write = (name: string, sql: string) => writeFile(join(dir, name), sql);

async function tables(): Promise<string[]> {
  const client = new Client({ connectionString: emptyUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
    );
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

describe("migrate", () => {
  it("finds nothing to do on the database of the tests", async () => {
    expect(await migrate(url)).toBe(0);
  });

  it("applies each migration once", async () => {
    expect(await migrate(emptyUrl, dir)).toBe(2);
    expect(await migrate(emptyUrl, dir)).toBe(0);
    await write("0003_third.sql", "CREATE TABLE third (n bigint)");
    expect(await migrate(emptyUrl, dir)).toBe(1);
    expect(await tables()).toEqual(["first", "schema_migration", "second", "third"]);
  });

  it("applies each migration once when several processes start together", async () => {
    await write("0001_first.sql", "SELECT pg_sleep(0.2); CREATE TABLE first (n bigint)");
    const applied = await Promise.all([1, 2, 3].map(() => migrate(emptyUrl, dir)));
    expect(applied.sort()).toEqual([0, 0, 2]);
  });

  it("refuses a migration that changed after it was applied", async () => {
    await migrate(emptyUrl, dir);
    await write("0001_first.sql", "CREATE TABLE first (n bigint); -- a comment");
    await write("0003_third.sql", "CREATE TABLE third (n bigint)");
    await expect(migrate(emptyUrl, dir)).rejects.toThrow(/0001_first\.sql was changed/);
    expect(await tables()).not.toContain("third");
  });

  it("refuses a database that is newer than the program", async () => {
    await migrate(emptyUrl, dir);
    await rm(join(dir, "0002_second.sql"));
    await expect(migrate(emptyUrl, dir)).rejects.toThrow(
      /0002_second\.sql, which this version does not know/,
    );
  });

  it("refuses a migration that was put before an applied one", async () => {
    await migrate(emptyUrl, dir);
    await cp(join(dir, "0002_second.sql"), join(dir, "0001_a.sql"));
    await expect(migrate(emptyUrl, dir)).rejects.toThrow(/does not know/);
  });

  it("leaves nothing of a failing migration behind, keeps those before it, and can be run again", async () => {
    await write("0002_second.sql", "CREATE TABLE second (n bigint); SELECT 1 / 0");
    await expect(migrate(emptyUrl, dir)).rejects.toThrow(/0002_second\.sql failed: division by zero/);
    expect(await tables()).toEqual(["first", "schema_migration"]);
    await write("0002_second.sql", "CREATE TABLE second (n bigint)");
    expect(await migrate(emptyUrl, dir)).toBe(1);
  });

  it("ignores files that are no migrations", async () => {
    await write("README.md", "not SQL");
    await write("0003-third.sql", "not SQL");
    expect(await migrate(emptyUrl, dir)).toBe(2);
  });
});
