import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions, isNotOlder, isOlder } from "./version-order.ts";

const numbers = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 3, maxLength: 3 });
const shaped = numbers.map(([a, b, c]) => `${a}.${b}.${c}-fleet1`);

describe("versions", () => {
  it("of the same shape have a total order, the one of their numbers", () => {
    fc.assert(
      fc.property(shaped, shaped, shaped, (a, b, c) => {
        const order = (x: string, y: string) => Math.sign(compareVersions(x, y) ?? Number.NaN);
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        if (order(a, b) === 0) expect(a).toBe(b);
      }),
    );
  });

  it.each([
    ["6.12.9", "6.12.10"],
    ["5.15.0-1034-azure", "5.15.0-1101-azure"],
    ["6.12-rc1", "6.12"],
    ["6.12", "6.12.1"],
    ["6.12-rc2", "6.12-rc10"],
    ["96.00.9F.00.01", "96.00.A0.00.01"],
    ["2026-09-09", "2026-10-01"],
    ["U46 v2.9", "U46 v2.10"],
  ])("%s is older than %s", (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
    expect([isOlder(older, [newer]), isOlder(newer, [older]), isNotOlder(newer, [older])]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("of different kinds, and digests, are not told apart", () => {
    expect(compareVersions("6.12-azure", "6.12-aws")).toBeNull();
    expect(compareVersions("a".repeat(64), "b".repeat(64))).toBeNull();
    expect(isOlder("6.12-azure", ["6.12-aws"])).toBe(false);
    expect(isOlder("1.0", [])).toBe(false);
  });
});
