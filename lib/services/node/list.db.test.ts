import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { NodeListQuery } from "#lib/contracts/node";
import { TRUST_STATUSES } from "#lib/domain/trust-status";
import { fleetSummary } from "#lib/services/fleet/summary";
import { useDatabase } from "#tests/pg";
import { ago, MINUTE, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { nodeGet } from "./get.ts";
import { nodeList } from "./list.ts";

const { pool } = useDatabase();
let world: World;
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await makeWorld(pool);
  const farm = await world.addSource("Build farm", { staleAfterMs: null });
  const add = async (spec: Parameters<World["addNode"]>[0]) => {
    ids[spec.name] = await world.addNode(spec);
  };
  await add({ name: "web-1", since: ago(90) });
  await add({
    name: "web-2",
    status: "failed",
    since: ago(5),
    before: [{ status: "trusted", from: ago(120) }],
  });
  await add({ name: "web-3", status: "trusted", since: ago(90), lastAt: ago(30) });
  await add({ name: "web-4", status: "failed", since: ago(80), lastAt: ago(30) });
  await add({ name: "db_100%", status: "degraded", since: ago(40), sourceId: farm, lastAt: ago(39) });
  await add({ name: "new", status: "pending", since: ago(20), lastAt: null, identity: "AA:BB:CC:DD:EE:FF" });
  await add({ name: "db-1002", status: "quarantined", since: ago(15), lastAt: ago(14) });
  await add({
    name: "foreign",
    domain: world.away,
    sourceId: await world.addSource("Far", { domain: world.away }),
  });
});

const list = (query: Record<string, unknown> = {}, ctx = world.as("viewer")) =>
  nodeList(ctx, NodeListQuery.parse(query));
const names = async (query: Record<string, unknown>) =>
  (await list(query)).items.map((row) => row.displayName);

describe("the node list", () => {
  it("shows the most urgent first, the newest of them on top", async () => {
    const page = await list();
    expect(page.items.map((row) => [row.displayName, row.status])).toEqual([
      ["web-2", "failed"],
      ["web-4", "failed"],
      ["db-1002", "quarantined"],
      ["db_100%", "degraded"],
      ["web-3", "stale"],
      ["new", "pending"],
      ["web-1", "trusted"],
    ]);
    expect(page.items[4]).toMatchObject({
      since: ago(20).toISOString(),
      lastEvidenceAt: ago(30).toISOString(),
    });
    expect(page.items[5]).toMatchObject({ lastEvidenceAt: null, sources: [] });
  });

  it("hides nodes of other trust domains", async () => {
    expect(await names({ q: "foreign" })).toEqual([]);
    const wide = world.as("viewer", [world.home, world.away]);
    expect((await list({ q: "foreign" }, wide)).items).toHaveLength(1);
    expect(await refusalOf(nodeGet(world.as("viewer"), { nodeId: ids.foreign ?? "" }))).toBe(
      "node/not-found",
    );
  });

  it("finds all words anywhere in the name or an identity, whatever their case or characters", async () => {
    expect(await names({ q: "WEB 1" })).toEqual(["web-1"]);
    expect(await names({ q: "aa:bb" })).toEqual(["new"]);
    expect(await names({ q: "b_1" })).toEqual(["db_100%"]);
    expect(await names({ q: "100%" })).toEqual(["db_100%"]);
    expect(await names({ q: "\\" })).toEqual([]);
  });

  it("filters by status and source", async () => {
    expect(await names({ q: "status:stale,pending" })).toEqual(["web-3", "new"]);
    expect(await names({ q: 'source:"build FARM"' })).toEqual(["db_100%"]);
    expect(await names({ q: "source:lab status:trusted" })).toEqual(["web-1"]);
  });

  it("refuses a query it does not understand, with a pointer", async () => {
    await expect(list({ q: "colour:red" })).rejects.toMatchObject({
      code: "request/invalid",
      pointers: [{ pointer: "#/query/q" }],
    });
  });

  it.each(["name", "-name", "since", "-since", "status"])(
    "pages by %s without repeating or missing anyone, ties included",
    async (sort) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ sort, limit: 2, cursor });
        seen.push(...page.items.map((row) => row.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual((await list({ sort })).items.map((row) => row.id));
    },
  );

  it("breaks ties of name and instant by the id", async () => {
    const tied = await makeTied();
    for (const sort of ["name", "-name", "since", "-since", "status"]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ q: "twin", sort, limit: 1, cursor });
        seen.push(...page.items.map((row) => row.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor && seen.length < 20);
      expect([...seen].sort()).toEqual(tied);
    }
    await pool.query("UPDATE node SET display_name = 'gone' WHERE display_name = 'twin'");
    await pool.query("DELETE FROM node_state WHERE node_id = ANY($1)", [tied]);
  });

  it("refuses a cursor of another order, another list or nobody", async () => {
    const { nextCursor } = await list({ sort: "name", limit: 1 });
    expect(await refusalOf(list({ sort: "status", cursor: nextCursor }))).toBe("request/invalid");
    for (const cursor of [
      "x",
      Buffer.from("{}").toString("base64url"),
      Buffer.from('{"atMs":1}').toString("base64url"),
    ]) {
      expect(await refusalOf(list({ cursor }))).toBe("request/invalid");
    }
  });

  it.each([
    undefined,
    ago(1).toISOString(),
    ago(10).toISOString(),
    ago(60).toISOString(),
    ago(110).toISOString(),
  ])("has as many rows behind every card of the overview as the card says, as of %s", async (asOf) => {
    const { counts, nodes } = await fleetSummary(world.as("viewer"), asOf ? { asOf } : {});
    const all = await list({ asOf });
    expect(all.total).toBe(nodes);
    expect(all.facets).toEqual(counts);
    for (const status of TRUST_STATUSES) {
      const page = await list({ q: `status:${status}`, asOf });
      expect([status, page.total, page.items.length]).toEqual([status, counts[status], counts[status]]);
    }
  });

  it("tells the past as of an instant", async () => {
    const asOf = ago(10).toISOString();
    const rows = new Map((await list({ asOf })).items.map((row) => [row.displayName, row.status]));
    expect(rows.get("web-2")).toBe("trusted");
    expect(rows.get("web-3")).toBe("stale"); // last heard thirty minutes ago, limit ten
    expect(
      (await list({ asOf: ago(25).toISOString() })).items.find((row) => row.displayName === "web-3")?.status,
    ).toBe("trusted");
    expect((await list({ asOf: ago(500).toISOString() })).total).toBe(0);
  });

  it("does not judge silence while history is being imported", async () => {
    await pool.query("UPDATE source SET backfill_until = $1 WHERE name = 'Lab'", [
      new Date(NOW.getTime() + MINUTE),
    ]);
    expect(await names({ q: "status:stale" })).toEqual([]);
    expect((await nodeGet(world.as("viewer"), { nodeId: ids["web-3"] ?? "" })).status).toBe("trusted");
    await pool.query("UPDATE source SET backfill_until = NULL");
    expect(await names({ q: "status:stale" })).toEqual(["web-3"]);
  });

  it("agrees with the node's own page", async () => {
    for (const row of (await list()).items) {
      const { status, since, reason } = await nodeGet(world.as("viewer"), { nodeId: row.id });
      expect({ status, since, reason }).toEqual({ status: row.status, since: row.since, reason: row.reason });
    }
  });
});

/** Three nodes with the same name, status and instant. */
async function makeTied(): Promise<string[]> {
  const made = [];
  for (let twin = 0; twin < 3; twin += 1) made.push(await world.addNode({ name: "twin", since: ago(33) }));
  await world.db.execute(sql`ANALYZE node`);
  return made.sort();
}
