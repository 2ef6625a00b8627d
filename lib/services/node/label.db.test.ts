import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { useDatabase } from "#tests/pg";
import { MINUTE, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { nodeGet } from "./get.ts";
import { labelNode } from "./label.ts";
import { nodeList } from "./list.ts";

const { pool } = useDatabase();
let world: World;
let nodeId: string;
beforeAll(async () => {
  world = await makeWorld(pool);
});
beforeEach(async () => {
  nodeId = await world.addNode({ name: "labelled", lastAt: NOW });
  await labelNode(world.as("analyst"), { nodeId, labels: { role: "labelled" } });
});

it("Labels are set and taken away, audited, shown, and found by the list's filter", async () => {
  const analyst = world.as("analyst");
  const set = await labelNode(analyst, { nodeId, labels: { rack: "r=7", hardware: "x 1", role: null } });
  expect(set.labels).toEqual({ rack: "r=7", hardware: "x 1" });
  expect((await nodeGet(analyst, { nodeId })).labels).toEqual(set.labels);
  const found = async (q: string) =>
    (await nodeList(analyst, { q, sort: "name", limit: 50 })).items.map(({ id }) => id);
  expect(await found("label:rack=r=7")).toEqual([nodeId]);
  expect(await found('label:hardware="x 1" label:rack')).toEqual([nodeId]);
  expect(await found("label:rack=r")).toEqual([]);
  expect(await found("label:role=labelled")).toEqual([]);
  const entries = await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, nodeId));
  expect(entries.map(({ action, before }) => [action, before])).toEqual([
    ["node.label", { labels: {} }],
    ["node.label", { labels: { role: "labelled" } }],
  ]);
});

it("Labels keep no history, and the present is never shown for the past", async () => {
  const analyst = world.as("analyst");
  const asOf = new Date(NOW.getTime() - MINUTE).toISOString();
  expect((await nodeGet(analyst, { nodeId, asOf })).labels).toBeNull();
  const past = nodeList(analyst, { q: "label:rack", sort: "name", limit: 50, asOf });
  expect(await refusalOf(past)).toBe("request/invalid");
});

it("Labels are refused to a viewer, for hostile names, in excess, and for a node of another domain", async () => {
  const analyst = world.as("analyst");
  const hostile = JSON.parse('{"__proto__":"x"}');
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, "x"]));
  expect(await refusalOf(labelNode(analyst, { nodeId, labels: hostile }))).toBe("request/invalid");
  expect(await refusalOf(labelNode(analyst, { nodeId, labels: many }))).toBe("request/invalid");
  expect(await refusalOf(labelNode(world.as("viewer"), { nodeId, labels: {} }))).toBe("auth/forbidden");
  expect(await refusalOf(labelNode(world.as("admin", [world.away]), { nodeId, labels: {} }))).toBe(
    "node/not-found",
  );
  expect((await nodeGet(analyst, { nodeId })).labels).toEqual({ role: "labelled" });
});
