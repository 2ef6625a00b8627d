import { sql } from "drizzle-orm";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useDatabase } from "#tests/pg";
import { type Db, openDb } from "./client.ts";
import { scopedDb } from "./scoped.ts";

const { url } = useDatabase();
const DOMAIN = "01a20000-0000-7000-8000-000000000000";
/** Nothing can begin like this. */
const IMPOSSIBLE = { isolationLevel: "no such level" as never };

let only: Pool;
beforeAll(() => {
  only = new Pool({ connectionString: url, max: 1 });
});
afterAll(() => only.end());

describe("a transaction", () => {
  it.each<[string, () => { db: Db; end: () => Promise<void> }]>([
    [
      "of the whole database",
      () => {
        const db = openDb(url, 1);
        return { db, end: () => db.$client.end() };
      },
    ],
    ["of one caller", () => ({ db: scopedDb(only, [DOMAIN]), end: async () => {} })],
  ])("%s that could not begin gives its connection back", async (_, open) => {
    const { db, end } = open();
    const one = () => db.transaction(async (tx) => (await tx.execute(sql`SELECT 1 AS one`)).rows);
    for (let round = 0; round < 2; round += 1) {
      await expect(db.transaction(async () => "begun", IMPOSSIBLE)).rejects.toThrow(/begin/i);
      // There is only one connection: without it this would wait for ever.
      expect(await one()).toEqual([{ one: 1 }]);
    }
    await end();
  });

  it("whose connection was cut in the middle gets the error, and the next one another connection", async () => {
    const db = openDb(url, 1);
    const cut = db.transaction((tx) => tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`));
    await expect(cut).rejects.toThrow();
    expect(await db.transaction(async (tx) => (await tx.execute(sql`SELECT 1 AS one`)).rows)).toEqual([
      { one: 1 },
    ]);
    await db.$client.end();
  });
});
