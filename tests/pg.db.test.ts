import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { describe, expect, it } from "vitest";

import { useDatabase, whileLocked } from "#tests/pg";

const { pool, url } = useDatabase();

describe("useDatabase", () => {
  it("gives a migrated database of the file's own", async () => {
    const { rows } = await pool.query(
      "SELECT current_database() AS name, to_regclass('schema_migration') AS migrated",
    );
    expect(rows[0]).toEqual({ name: expect.stringMatching(/^t_/), migrated: "schema_migration" });
    expect(url).toContain(rows[0].name);
  });
});

describe("whileLocked", () => {
  it("lets the competitors run only once all of them wait", async () => {
    await pool.query("CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)");
    await pool.query("INSERT INTO counter VALUES (1, 0)");
    const bump = () => pool.query("UPDATE counter SET n = n + 1 WHERE id = 1 RETURNING n");
    const results = await whileLocked(pool, "counter", "id = $1", [1], { blocked: 3 }, () => [
      bump(),
      bump(),
      bump(),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    const { rows } = await pool.query("SELECT n FROM counter");
    expect(rows[0].n).toBe(3);
  });

  it("fails when the code under test does not wait for the lock", async () => {
    const read = () => pool.query("SELECT n FROM counter WHERE id = 1");
    const race = whileLocked(pool, "counter", "id = 1", [], { blocked: 1, waitMs: 200 }, () => [read()]);
    await expect(race).rejects.toThrow("0 of 1 sessions came to wait");
  });

  it("refuses a condition that matches no row", async () => {
    await expect(whileLocked(pool, "counter", "id = 99", [], { blocked: 0 }, () => [])).rejects.toThrow(
      "no row",
    );
  });
});

describe("connections", () => {
  it("are closed with the file's pool alone when tests close their own", async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.end();
    await sleep(0);
    expect(pool.waitingCount).toBe(0);
  });
});
