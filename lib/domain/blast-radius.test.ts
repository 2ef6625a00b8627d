import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  autoBudget,
  blastRadius,
  type FailureMove,
  type FleetMember,
  findStorm,
  STORM_WINDOW_MS,
} from "./blast-radius.ts";
import { BUILT_IN_LIMITS } from "./remediation-limits.ts";

const member = (index: number, more: Partial<FleetMember> = {}): FleetMember => ({
  nodeId: `n${index}`,
  name: `node-${index}`,
  pool: "workers",
  failureDomain: "zone-a",
  quorum: null,
  unavailable: null,
  ...more,
});
const pool = (size: number, more: Partial<FleetMember> = {}) =>
  Array.from({ length: size }, (_, index) => member(index, more));
const broken = (members: readonly FleetMember[], targets: readonly string[]) =>
  blastRadius(members, targets, BUILT_IN_LIMITS)
    .filter(({ ok }) => !ok)
    .map(({ rule }) => rule);

describe("the blast radius", () => {
  it("lets a tenth of a pool go, rounded down, and one node of a small pool", () => {
    expect(broken(pool(29), ["n0", "n1"])).toEqual([]);
    expect(broken(pool(29), ["n0", "n1", "n2"])).toEqual(["pool_share"]);
    expect(broken(pool(5), ["n0"])).toEqual([]);
    expect(broken(pool(5), ["n0", "n1"])).toEqual(["pool_share"]);
  });

  it("counts what is away for any other reason", () => {
    const members = pool(20).map((one, index) =>
      index < 2 ? { ...one, unavailable: "cordoned by another tool" } : one,
    );
    expect(broken(members, ["n5"])).toEqual(["pool_share"]);
    expect(blastRadius(members, ["n5"], BUILT_IN_LIMITS)[0]?.sentence).toBe(
      "3 of 20 nodes of workers would be away, 2 of them for other reasons; 2 may be.",
    );
  });

  it("speaks of nodes without a pool as what they are", () => {
    expect(
      blastRadius(pool(20, { pool: "" }), ["n0"], BUILT_IN_LIMITS).map(({ sentence }) => sentence),
    ).toEqual([
      "1 of 20 nodes without a pool would be away; 2 may be.",
      "This would leave 19 of 20 nodes without a pool serving; 11 must.",
      "Nodes without a pool would be away in 1 failure domain (zone-a); 1 may be at a time.",
    ]);
  });

  it("counts a target that is away already once", () => {
    const members = pool(10).map((one, index) => (index === 0 ? { ...one, unavailable: "not ready" } : one));
    expect(broken(members, ["n0"])).toEqual([]);
  });

  it("takes nodes of one failure domain at a time", () => {
    const members = pool(40).map((one, index) => ({
      ...one,
      failureDomain: index % 2 ? "zone-a" : "zone-b",
    }));
    expect(broken(members, ["n0", "n2"])).toEqual([]);
    expect(broken(members, ["n0", "n1"])).toEqual(["failure_domains"]);
  });

  it("keeps the majority of a quorum, one member at a time, and says what would be left", () => {
    const five = pool(5, { quorum: "etcd" });
    expect(broken(five, ["n0"])).toEqual([]);
    const two = five.map((one, index) => (index < 2 ? { ...one, unavailable: "not ready" } : one));
    expect(broken(two, ["n2"])).toContain("quorum_majority");
    expect(blastRadius(two, ["n2"], BUILT_IN_LIMITS).map(({ sentence }) => sentence)).toContain(
      "This would leave 2 of 5 members of etcd; 3 are a majority.",
    );
    expect(broken(pool(50, { quorum: "etcd" }), ["n0", "n1"])).toEqual(["quorum_at_a_time"]);
  });

  it("keeps more than half of a pool serving", () => {
    const members = pool(3, { failureDomain: null }).map((one, index) =>
      index === 0 ? { ...one, unavailable: "not ready" } : one,
    );
    expect(broken(members, ["n1"])).toContain("pool_health");
  });

  it("says nothing of pools that are not touched, and never gets better by taking more", () => {
    const members = fc.array(
      fc.record({ pool: fc.constantFrom("a", "b"), away: fc.boolean(), domain: fc.constantFrom("x", "y") }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(members, fc.nat(), fc.nat(), (shapes, first, second) => {
        const fleet = shapes.map(({ pool: name, away, domain }, index) =>
          member(index, { pool: name, failureDomain: domain, unavailable: away ? "away" : null }),
        );
        const few = [`n${first % fleet.length}`];
        const more = [...few, `n${second % fleet.length}`];
        const failing = (targets: string[]) =>
          new Set(
            blastRadius(fleet, targets, BUILT_IN_LIMITS).flatMap(({ ok, rule, about }) =>
              ok ? [] : [`${rule} ${about}`],
            ),
          );
        for (const check of failing(few)) expect(failing(more)).toContain(check);
        const pools = new Set(
          fleet.filter(({ nodeId }) => more.includes(nodeId)).map(({ pool: name }) => name),
        );
        for (const { about } of blastRadius(fleet, more, BUILT_IN_LIMITS)) expect(pools).toContain(about);
      }),
    );
  });
});

const NOW = 10_000_000;
const move = (index: number, more: Partial<FailureMove> = {}): FailureMove => ({
  atMs: NOW - 1_000,
  nodeId: `n${index}`,
  pool: "workers",
  reason: "Known bad",
  baseline: "b1",
  ...more,
});
const moves = (count: number, more: Partial<FailureMove> = {}) =>
  Array.from({ length: count }, (_, index) => move(index, more));

describe("a storm", () => {
  const sizes = new Map([["workers", 20]]);

  it("is more than a fifth of a pool for one reason within ten minutes", () => {
    expect(findStorm(moves(4), sizes, NOW, BUILT_IN_LIMITS)).toBeNull();
    expect(findStorm(moves(5), sizes, NOW, BUILT_IN_LIMITS)).toMatchObject({
      nodes: 5,
      pools: ["workers"],
      reason: "Known bad",
    });
    expect(findStorm(moves(5, { atMs: NOW - STORM_WINDOW_MS }), sizes, NOW, BUILT_IN_LIMITS)).toBeNull();
  });

  it("is three pools at once, however large they are", () => {
    const spread = ["a", "b", "c"].map((name, index) => move(index, { pool: name }));
    const large = new Map(["a", "b", "c"].map((name) => [name, 1_000]));
    expect(findStorm(spread, large, NOW, BUILT_IN_LIMITS)).toMatchObject({ pools: ["a", "b", "c"] });
    expect(findStorm(spread.slice(1), large, NOW, BUILT_IN_LIMITS)).toBeNull();
  });

  it("is not many nodes that fail for reasons of their own", () => {
    expect(
      findStorm(
        moves(9).map((one, index) => ({ ...one, reason: `r${index}` })),
        sizes,
        NOW,
        BUILT_IN_LIMITS,
      ),
    ).toBeNull();
  });

  it("is not one node that fails again and again, nor a pool of two", () => {
    expect(
      findStorm(
        Array.from({ length: 9 }, () => move(1)),
        sizes,
        NOW,
        BUILT_IN_LIMITS,
      ),
    ).toBeNull();
    expect(findStorm(moves(2), new Map([["workers", 2]]), NOW, BUILT_IN_LIMITS)).toBeNull();
  });
});

describe("automatic containment", () => {
  it("may take three nodes within ten minutes", () => {
    expect(autoBudget([], NOW, 3)).toBe(3);
    expect(autoBudget([NOW - 1, NOW - 2, NOW - STORM_WINDOW_MS], NOW, 3)).toBe(1);
    expect(autoBudget([NOW, NOW, NOW, NOW], NOW, 3)).toBe(0);
  });
});
