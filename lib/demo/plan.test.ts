import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { STORY_IDS } from "./plan.ts";
import { buildWorld } from "./world.ts";

const END_MS = Date.parse("2026-03-15T12:00:00Z");

describe("planStories", () => {
  it.each([
    [30, 2],
    [40, 3],
    [500, 14],
    [1000, 90],
  ])("tells every story with %i nodes over %i days, inside the history", (nodes, days) => {
    const world = buildWorld({ seed: 1, nodes, days, endMs: END_MS });
    expect(new Set(world.stories.map(({ id }) => id))).toEqual(new Set(STORY_IDS));
    for (const { atMs } of world.stories) {
      expect(atMs).toBeGreaterThan(world.startMs);
      expect(atMs).toBeLessThanOrEqual(world.endMs);
    }
  });

  it("gives each node one part to play", () => {
    const { episodes, silences, neverEnrols, unstated, replay, forged } = buildWorld({
      seed: 1,
      nodes: 500,
      days: 14,
      endMs: END_MS,
    });
    const cast = [
      ...episodes.keys(),
      ...silences.keys(),
      neverEnrols.node,
      unstated,
      replay.from,
      replay.to,
      forged,
    ];
    expect(new Set(cast).size).toBe(cast.length);
  });

  it("is told in the guide, node by node", async () => {
    const guide = await readFile(new URL("../../docs/guide/demo.md", import.meta.url), "utf8");
    const { stories, episodes, silences, unstated } = buildWorld({
      seed: 1,
      nodes: 500,
      days: 14,
      endMs: END_MS,
    });
    const told = [
      ...stories.flatMap(({ nodes }) => nodes),
      ...[...episodes.keys(), ...silences.keys(), unstated].map(({ name }) => name),
    ];
    for (const name of told) expect(guide).toContain(`\`${name}\``);
  });

  it.each([{ nodes: 29 }, { nodes: 30.5 }, { days: 1 }, { days: 366 }, { seed: -1 }])(
    "refuses %o",
    (wrong) => {
      expect(() => buildWorld({ seed: 1, nodes: 40, days: 3, endMs: END_MS, ...wrong })).toThrow(RangeError);
    },
  );
});
