import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DiffLine, diffLines, diffParts } from "./line-diff.ts";

const textOf = (lines: readonly DiffLine[], without: DiffLine["kind"]) =>
  lines
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join("\n");

const Text = fc
  .array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 12 })
  .map((l) => l.join("\n"));

describe("The difference of two texts", () => {
  it("gives back both texts, and numbers the lines of each without a gap", () => {
    fc.assert(
      fc.property(Text, Text, (a, b) => {
        const lines = diffLines(a, b);
        expect(textOf(lines, "added")).toBe(a);
        expect(textOf(lines, "removed")).toBe(b);
        for (const side of ["a", "b"] as const) {
          const numbers = lines.flatMap((line) => (line[side] === null ? [] : [line[side]]));
          expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        }
      }),
    );
  });

  it("is nothing between equal texts, and as small as can be otherwise", () => {
    fc.assert(
      fc.property(Text, (a) => {
        expect(diffParts(diffLines(a, a))).toEqual([]);
      }),
    );
    expect(diffLines("a\nb\nc", "a\nx\nc").map(({ kind }) => kind)).toEqual([
      "same",
      "removed",
      "added",
      "same",
    ]);
    expect(diffLines("a\nb\nc", "b\nc\nd").filter(({ kind }) => kind === "same")).toHaveLength(2);
  });

  it("counts every equal line that it does not show", () => {
    fc.assert(
      fc.property(Text, Text, (a, b) => {
        const lines = diffLines(a, b);
        const parts = diffParts(lines, 1);
        const told = parts.reduce((n, part) => n + ("hidden" in part ? part.hidden : part.lines.length), 0);
        expect(told).toBe(parts.length === 0 ? 0 : lines.length);
        for (const part of parts) if ("hidden" in part) expect(part.hidden).toBeGreaterThan(0);
      }),
    );
  });
});
