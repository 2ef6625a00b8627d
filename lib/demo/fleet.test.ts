import { describe, expect, it } from "vitest";
import { buildFleet, MIN_NODES, POOLS } from "./fleet.ts";

describe("buildFleet", () => {
  it("gives the same fleet for the same seed, and other machines with the same names for another", () => {
    expect(buildFleet(1, 120)).toEqual(buildFleet(1, 120));
    const [a, b] = [buildFleet(1, 120), buildFleet(2, 120)];
    expect(b.map(({ name }) => name)).toEqual(a.map(({ name }) => name));
    expect(b.map(({ serial }) => serial)).not.toEqual(a.map(({ serial }) => serial));
  });

  it.each([MIN_NODES, 40, 500, 2000])(
    "makes %i nodes with unique strong identities in every pool",
    (count) => {
      const fleet = buildFleet(7, count);
      expect(fleet).toHaveLength(count);
      for (const pool of POOLS) expect(fleet.some((node) => node.pool === pool)).toBe(true);
      for (const key of ["name", "spiffeId", "systemUuid", "ekSha256"] as const) {
        expect(new Set(fleet.map((node) => node[key])).size).toBe(count);
      }
    },
  );

  it("keeps the names of the stories' nodes in every fleet size", () => {
    const names = (count: number) => new Set(buildFleet(1, count).map(({ name }) => name));
    for (const name of ["wrk-eu1-r01-n06", "gpu-eu1-r01-n03", "edg-osl-s004", "cvm-eu1-z1-n003"]) {
      expect(names(MIN_NODES)).toContain(name);
      expect(names(500)).toContain(name);
    }
  });

  it("has names that test whoever shows them, all within the limit for identities", () => {
    const names = buildFleet(1, 500).map(({ name }) => name);
    expect(names.some((name) => name.includes("\u202e"))).toBe(true);
    expect(names.some((name) => name.includes("<script>"))).toBe(true);
    expect(names.some((name) => name.length > 200)).toBe(true);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(256);
  });
});
