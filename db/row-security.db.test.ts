import { eq, sql } from "drizzle-orm";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogueFindings } from "#db/catalogue-lint";
import type { Db } from "#db/client";
import { node, trustDomain } from "#db/schema/fleet";
import { auditEntry } from "#db/schema/people";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, type World } from "#tests/world";
import { APP_ROLE, scopedDb } from "./scoped.ts";

const { pool, url } = useDatabase();
let app: Pool;
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
  await world.addNode({ name: "home-1" });
  await world.addNode({ name: "away-1", domain: world.away });
  app = new Pool({ connectionString: url, options: `-c role=${APP_ROLE}`, max: 2 });
});
afterAll(() => app.end());

const names = async (db: Pick<Db, "select">) =>
  (await db.select({ name: node.displayName }).from(node)).map(({ name }) => name);

describe("the role that requests run as", () => {
  it("is taken also on a connection that has more rights", async () => {
    const { rows } = await scopedDb(pool, [world.away]).execute(sql`SELECT current_user AS who`);
    expect(rows).toEqual([{ who: APP_ROLE }]);
    expect(await names(scopedDb(pool, [world.away]))).toEqual(["away-1"]);
  });

  it("owns nothing, cannot bypass row security and cannot change the schema", async () => {
    const { rows } = await app.query(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
         (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned
       FROM pg_roles r WHERE rolname = current_user`,
    );
    expect(rows).toEqual([
      { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, owned: 0 },
    ]);
    await expect(app.query("ALTER TABLE node DISABLE ROW LEVEL SECURITY")).rejects.toThrow("must be owner");
    await expect(app.query("CREATE TABLE planted (id int)")).rejects.toThrow("permission denied");
  });

  it("sees no tenant's row in any table unless its transaction names a domain", async () => {
    const { rows: tables } = await pool.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid ORDER BY 1",
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables) {
      expect((await app.query(`SELECT count(*)::int AS n FROM ${name}`)).rows).toEqual([{ n: 0 }]);
    }
  });

  it("cannot go around the table by naming a partition", async () => {
    await pool.query("SELECT ensure_verdict_partition('2026-06-01')");
    const { rows } = await pool.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = 'r'",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { name } of rows) {
      await expect(app.query(`SELECT * FROM ${name}`)).rejects.toThrow("permission denied");
    }
  });

  it("adds to the record of what was done and changes nothing in it", async () => {
    const db = scopedDb(app, [world.home]);
    await expect(db.update(auditEntry).set({ action: "x" }).where(sql`true`)).rejects.toMatchObject({
      cause: { code: "42501" },
    });
    await expect(db.delete(auditEntry).where(sql`true`)).rejects.toMatchObject({ cause: { code: "42501" } });
  });
});

describe("a handle for some domains", () => {
  it("shows their rows and no others, inside and outside of transactions", async () => {
    expect(await names(scopedDb(app, [world.home]))).toEqual(["home-1"]);
    expect(await names(scopedDb(app, [world.away]))).toEqual(["away-1"]);
    expect((await names(scopedDb(app, [world.home, world.away]))).sort()).toEqual(["away-1", "home-1"]);
    expect(await names(scopedDb(app, []))).toEqual([]);
    expect(await scopedDb(app, [world.away]).transaction(names)).toEqual(["away-1"]);
    expect(await scopedDb(app, [world.away]).transaction((tx) => tx.transaction(names))).toEqual(["away-1"]);
  });

  it("leaves nothing behind on the connection, also after an error", async () => {
    const db = scopedDb(app, [world.home]);
    await expect(db.execute(sql`SELECT 1 / 0`)).rejects.toThrow();
    await expect(
      db.transaction(async () => {
        throw new Error("given up");
      }),
    ).rejects.toThrow("given up");
    for (let n = 0; n < 4; n += 1) {
      expect((await app.query("SELECT count(*)::int AS n FROM node")).rows).toEqual([{ n: 0 }]);
    }
  });

  it("refuses to write a row of another domain, and to move one there", async () => {
    const db = scopedDb(app, [world.home]);
    const row = { id: world.lab, displayName: "x", firstSeenAt: NOW, createdAt: NOW };
    const refused = { cause: { code: "42501" } };
    await expect(db.insert(node).values({ ...row, trustDomainId: world.away })).rejects.toMatchObject(
      refused,
    );
    await expect(db.update(node).set({ trustDomainId: world.away }).where(sql`true`)).rejects.toMatchObject(
      refused,
    );
    expect(
      await db.update(node).set({ displayName: "y" }).where(eq(node.trustDomainId, world.away)),
    ).toMatchObject({
      rowCount: 0,
    });
  });

  it("does not tell the names of other domains", async () => {
    const rows = await scopedDb(app, [world.away]).select({ name: trustDomain.name }).from(trustDomain);
    expect(rows).toEqual([{ name: "away" }]);
  });

  it("takes nothing but UUIDs into its statement", () => {
    expect(() => scopedDb(app, ["'; RESET ROLE; --"])).toThrow("UUID");
  });
});

describe("the catalogue", () => {
  it("finds a tenant table without a wall, and one line in its migration builds it", async () => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await client.query(
        "CREATE TABLE planted (trust_domain_id uuid NOT NULL, id uuid, PRIMARY KEY (trust_domain_id, id))",
      );
      const finding = expect.objectContaining({ rule: "row security", object: "planted" });
      expect(await catalogueFindings(client)).toContainEqual(finding);
      await client.query("SELECT protect_tenant_tables()");
      expect(await catalogueFindings(client)).toEqual([]);
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  });
});
