import fc from "fast-check";
import { expect, test } from "vitest";
import { areaPath, indexAt, stackOf, topOf } from "./trend-paths.tsx";

const row = (index: number, values: Record<string, number>) => ({ atMs: index, values });

test("a value holds until the next instant; nothing is interpolated", () => {
  const rows = [row(0, { failed: 0 }), row(1, { failed: 2 }), row(2, { failed: 2 })];
  expect(areaPath(rows, "failed", 100, 11).map(({ line }) => line)).toEqual(["M0 11L50 11L50 1L100 1L100 1"]);
});

test("instants without values are gaps, before, between and after", () => {
  const rows = [row(0, {}), row(1, { failed: 1 }), row(2, {}), row(3, { failed: 1 }), row(4, {})];
  expect(areaPath(rows, "failed", 100, 11)).toHaveLength(2);
  expect(stackOf(rows, [{ key: "failed" }], 100, 10)[0]?.path.match(/Z/g)).toHaveLength(2);
});

test("each series of a stack stands on those before it, and all together reach the top", () => {
  const rows = [row(0, { a: 3, b: 1 }), row(1, { a: 2, b: 2 })];
  const [a, b] = stackOf(rows, [{ key: "a" }, { key: "b" }], 100, 40);
  expect(topOf(rows, [{ key: "a" }, { key: "b" }], true)).toBe(4);
  expect(a?.path).toBe("M0 10L100 10L100 20L100 40L100 40L0 40Z");
  expect(b?.path).toBe("M0 0L100 0L100 0L100 20L100 10L0 10Z");
});

test("the pointer reads the value that is drawn under it", () => {
  expect([0, 0.49, 0.5, 0.99, 1].map((share) => indexAt(3, share))).toEqual([0, 0, 1, 1, 2]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.double({ noNaN: true }), (count, share) => {
      const index = indexAt(count, share);
      expect(index).toBeGreaterThanOrEqual(0);
      expect(index).toBeLessThan(count);
    }),
  );
});
