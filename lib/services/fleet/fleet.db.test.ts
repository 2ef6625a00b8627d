import { beforeAll, describe, expect, it } from "vitest";
import { useDatabase } from "#tests/pg";
import { ago, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { fleetChanges } from "./changes.ts";
import { fleetSummary } from "./summary.ts";
import { fleetTrend } from "./trend.ts";

const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
  await world.addNode({ name: "good", since: ago(50) });
  await world.addNode({
    name: "bad",
    status: "failed",
    since: ago(10),
    before: [{ status: "trusted", from: ago(40) }],
  });
  await world.addNode({ name: "silent", since: ago(60), lastAt: ago(30) });
  await world.addNode({ name: "new", status: "pending", since: ago(5), lastAt: null });
  await world.addNode({
    name: "far",
    domain: world.away,
    sourceId: await world.addSource("Far", { domain: world.away }),
  });
});
const viewer = () => world.as("viewer");

describe("the summary", () => {
  it("counts every node once, silent ones as stale, and sees only its own trust domains", async () => {
    expect(await fleetSummary(viewer(), {})).toMatchObject({
      asOf: NOW.toISOString(),
      nodes: 4,
      counts: { trusted: 1, failed: 1, stale: 1, pending: 1, degraded: 0, quarantined: 0, exempt: 0 },
      trustedRatio: 0.25,
      freshNodes: 2,
      neverAttested: 1,
      oldestEvidenceAt: ago(30).toISOString(),
    });
    expect((await fleetSummary(world.as("viewer", [world.home, world.away]), {})).nodes).toBe(5);
  });

  it("has no ratio without nodes", async () => {
    const asOf = ago(500).toISOString();
    expect(await fleetSummary(viewer(), { asOf })).toMatchObject({ asOf, nodes: 0, trustedRatio: null });
  });

  it("is closed to API keys", async () => {
    const actor = {
      kind: "api_key",
      id: "k",
      sourceId: world.lab,
      scopes: ["ingest:write"],
      trustDomainIds: [world.home],
    } as const;
    expect(await refusalOf(fleetSummary({ ...viewer(), actor }, {}))).toBe("auth/forbidden");
  });
});

describe("the trend", () => {
  it("agrees with the summary at every instant", async () => {
    const { points } = await fleetTrend(viewer(), {
      from: ago(60).toISOString(),
      to: NOW.toISOString(),
      points: 13,
    });
    expect(points).toHaveLength(13);
    for (const { at, counts, nodes } of points) {
      const summary = await fleetSummary(viewer(), { asOf: at });
      expect({ at, nodes, counts }).toEqual({ at, nodes: summary.nodes, counts: summary.counts });
    }
  });

  it("counts an interval from its first instant to before its last", async () => {
    const { points } = await fleetTrend(viewer(), {
      from: ago(40).toISOString(),
      to: ago(10).toISOString(),
      points: 2,
    });
    expect(points.map(({ counts }) => [counts.trusted, counts.failed])).toEqual([
      [3, 0],
      [1, 1],
    ]);
  });

  it("refuses a window that runs backwards", async () => {
    const backwards = fleetTrend(viewer(), { from: NOW.toISOString(), to: ago(1).toISOString(), points: 2 });
    expect(await refusalOf(backwards)).toBe("request/invalid");
  });
});

describe("recent changes", () => {
  it("are newest first, each with where it came from, silence included", async () => {
    const { items } = await fleetChanges(viewer(), { limit: 3 });
    expect(items.map(({ displayName, from, to }) => [displayName, from, to])).toEqual([
      ["new", null, "pending"],
      ["bad", "trusted", "failed"],
      ["silent", "trusted", "stale"],
    ]);
  });

  it("are of the caller's trust domains only", async () => {
    const { items } = await fleetChanges(viewer(), { limit: 100 });
    expect(items.map(({ displayName }) => displayName)).not.toContain("far");
  });
});
