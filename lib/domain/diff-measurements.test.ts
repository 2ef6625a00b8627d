import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyChanges, diffMeasurements, invertChanges } from "./diff-measurements.ts";

const path = fc.oneof(
  fc.constantFrom("pcr/sha256/0", "kernel/release", "__proto__", "constructor", "toString", ""),
  fc.string({ maxLength: 12 }),
);
const set = fc
  .array(fc.tuple(path, fc.constantFrom("", "a", "b", "null")), { maxLength: 40 })
  .map((entries) => Object.fromEntries(entries) as Record<string, string>);

const entriesOf = (value: Readonly<Record<string, string>>) =>
  Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

describe("the differences of two sets", () => {
  it("turn the one into the other, and back when inverted", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const changes = diffMeasurements(a, b);
        expect(entriesOf(applyChanges(a, changes))).toEqual(entriesOf(b));
        expect(entriesOf(applyChanges(b, invertChanges(changes)))).toEqual(entriesOf(a));
      }),
      { numRuns: 1_000 },
    );
  });

  it("are the same from both sides, but for the direction", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        expect(diffMeasurements(b, a)).toEqual(invertChanges(diffMeasurements(a, b)));
      }),
    );
  });

  it("are as many as the paths that differ, and none between equals, in whatever order they were written", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const paths = new Set([...Object.keys(a), ...Object.keys(b)]);
        const differing = [...paths].filter(
          (key) =>
            Object.hasOwn(a, key) !== Object.hasOwn(b, key) || (Object.hasOwn(a, key) && a[key] !== b[key]),
        );
        expect(diffMeasurements(a, b).map((change) => change.path)).toEqual(differing.sort());
        expect(diffMeasurements(a, Object.fromEntries(Object.entries(a).reverse()))).toEqual([]);
      }),
    );
  });

  it("are one for one removed entry of 5,000, wherever it stood", () => {
    const entries = Array.from({ length: 5_000 }, (_, index) => [`ima/file-${index}`, `${index}`] as const);
    for (const gone of [0, 2_500, 4_999]) {
      const [all, rest] = [entries, entries.filter((_, index) => index !== gone)];
      expect(diffMeasurements(Object.fromEntries(all), Object.fromEntries(rest))).toEqual([
        { path: `ima/file-${gone}`, kind: "removed", a: `${gone}`, b: null },
      ]);
    }
  });

  it("tell an empty value from none", () => {
    expect(diffMeasurements({ x: "" }, {})).toEqual([{ path: "x", kind: "removed", a: "", b: null }]);
    expect(diffMeasurements({}, { x: "" })).toEqual([{ path: "x", kind: "added", a: null, b: "" }]);
  });
});
