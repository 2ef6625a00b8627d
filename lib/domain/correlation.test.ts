import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BREAKER,
  CLONE,
  COORDINATED,
  clusterWaves,
  coordinatedWave,
  isStorm,
  isVerifierShift,
  outliersOf,
  STORM,
  suspectClones,
  tripsBreaker,
} from "./correlation.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const MINUTE = 60_000;
const nodes = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `node-${from + index}`);
const changing = (count: number, stepMs: number) =>
  nodes(count).map((nodeId, index) => ({ nodeId, atMs: NOW + index * stepMs }));

describe("a coordinated change", () => {
  it("is one that reaches five nodes within an hour", () => {
    expect(coordinatedWave(changing(5, 15 * MINUTE))?.nodeIds).toHaveLength(5);
    expect(coordinatedWave(changing(5, 15 * MINUTE + 1))).toBeNull();
    expect(coordinatedWave(changing(4, 0))).toBeNull();
  });

  it("is never one node that changes again and again", () => {
    const flapping = Array.from({ length: 50 }, (_, index) => ({ nodeId: "a", atMs: NOW + index * MINUTE }));
    expect(coordinatedWave(flapping)).toBeNull();
  });

  it("is found in the fullest window, whatever the order, and no window holds more", () => {
    const instant = fc.record({
      nodeId: fc.constantFrom(...nodes(12)),
      atMs: fc.integer({ min: NOW, max: NOW + 300 * MINUTE }),
    });
    fc.assert(
      fc.property(fc.array(instant, { maxLength: 40 }), (instants) => {
        const sizeFrom = (fromMs: number) =>
          new Set(
            instants
              .filter(({ atMs }) => atMs >= fromMs && atMs <= fromMs + COORDINATED.windowMs)
              .map(({ nodeId }) => nodeId),
          ).size;
        const fullest = Math.max(0, ...instants.map(({ atMs }) => sizeFrom(atMs)));
        const wave = coordinatedWave([...instants].reverse());
        expect(wave?.nodeIds.length ?? 0).toBe(fullest >= COORDINATED.nodes ? fullest : 0);
        if (wave) expect(wave.toMs - wave.fromMs).toBeLessThanOrEqual(COORDINATED.windowMs);
      }),
    );
  });

  it("of many files of the same nodes is one, and of other nodes another", () => {
    const wave = (key: string, nodeIds: string[], fromMs = NOW) => ({
      key,
      nodeIds,
      fromMs,
      toMs: fromMs + MINUTE,
    });
    const waves = [
      wave("a", nodes(20)),
      wave("b", nodes(19)),
      wave("c", nodes(20, 100)),
      wave("d", nodes(20), NOW + 5 * 3_600_000),
    ];
    const clusters = clusterWaves(waves).map((cluster) => cluster.map(({ key }) => key));
    expect(clusters.sort()).toEqual([["a", "b"], ["c"], ["d"]]);
  });

  it("is put into exactly one cluster", () => {
    const wave = fc.record({
      nodeIds: fc.uniqueArray(fc.constantFrom(...nodes(8)), { minLength: 1 }),
      fromMs: fc.integer({ min: NOW, max: NOW + 400 * MINUTE }),
      toMs: fc.constant(NOW + 401 * MINUTE),
    });
    fc.assert(
      fc.property(fc.array(wave, { maxLength: 20 }), (waves) => {
        const clustered = clusterWaves(waves).flat();
        expect(clustered).toHaveLength(waves.length);
        expect(new Set(clustered)).toEqual(new Set(waves));
      }),
    );
  });
});

describe("a storm", () => {
  const quietDay = Array.from({ length: STORM.hours }, () => 0);

  it("is far above nearly all hours before, and never a handful", () => {
    expect(isStorm(quietDay, STORM.count)).toBe(true);
    expect(isStorm(quietDay, STORM.count - 1)).toBe(false);
    expect(isStorm([...quietDay.slice(5), 9, 9, 9, 9, 9], 40)).toBe(false);
    expect(isStorm([...quietDay.slice(5), 9, 9, 9, 9, 9], 45)).toBe(true);
  });

  it("is nothing that a fleet of one day can have", () => {
    expect(isStorm(quietDay.slice(1), 10_000)).toBe(false);
  });

  it("is not made usual by one bad hour", () => {
    expect(isStorm([...quietDay.slice(1), 5_000], 100)).toBe(true);
  });

  it("grows more likely with the rate and less with the past", () => {
    const past = fc.array(fc.nat({ max: 200 }), { minLength: STORM.hours, maxLength: 100 });
    fc.assert(
      fc.property(past, fc.nat({ max: 3_000 }), fc.nat({ max: 100 }), (hours, current, more) => {
        if (isStorm(hours, current)) expect(isStorm(hours, current + more)).toBe(true);
        else
          expect(
            isStorm(
              hours.map((count) => count + more),
              current,
            ),
          ).toBe(false);
      }),
    );
  });
});

describe("a node that stands apart", () => {
  const cohort = (looks: string) => [...looks].map((look, index) => ({ nodeId: `node-${index}`, look }));

  it.each([
    ["aaaab", ["node-4"]],
    ["aaab", []],
    ["aaabb", []],
    ["aaaaaaaabc", ["node-8", "node-9"]],
    ["aaaaa", []],
    ["", []],
  ])("in %s is %j", (looks, apart) => {
    expect(outliersOf(cohort(looks))).toEqual(apart);
  });

  it("is always in the minority, and differs from the rest", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c")), (looks) => {
        const apart = outliersOf(looks.map((look, index) => ({ nodeId: String(index), look })));
        expect(apart.length).toBeLessThanOrEqual(looks.length * 0.2);
      }),
    );
  });
});

describe("a clone", () => {
  const individuals = (count: number) => nodes(count).map((nodeId) => ({ nodeId, look: nodeId }));

  it("is a pair that looks alike where no two do", () => {
    const cohort = [...individuals(CLONE.cohort), { nodeId: "twin", look: "node-3" }];
    expect(suspectClones(cohort)).toEqual([["node-3", "twin"]]);
  });

  it("is not found where looking alike is normal, nor in a handful of nodes", () => {
    expect(suspectClones(nodes(50).map((nodeId) => ({ nodeId, look: "same" })))).toEqual([]);
    expect(suspectClones([...individuals(8), { nodeId: "twin", look: "node-3" }])).toEqual([]);
    const half = nodes(50).map((nodeId, index) => ({ nodeId, look: index < 25 ? "same" : nodeId }));
    expect(suspectClones(half)).toEqual([]);
  });
});

describe("the breaker", () => {
  it("is on from ten nodes and a fifth of the fleet", () => {
    expect(tripsBreaker(BREAKER.nodes, 50)).toBe(true);
    expect(tripsBreaker(BREAKER.nodes - 1, 10)).toBe(false);
    expect(tripsBreaker(187, 936)).toBe(false);
    expect(tripsBreaker(187, 935)).toBe(true);
  });

  it("suspects the verifier when half of its nodes get worse at once", () => {
    expect(isVerifierShift({ moved: 5, nodes: 10 })).toBe(true);
    expect(isVerifierShift({ moved: 4, nodes: 4 })).toBe(false);
    expect(isVerifierShift({ moved: 49, nodes: 100 })).toBe(false);
  });
});
