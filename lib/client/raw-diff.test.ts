import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldLines, type RawLine, rawEntry, splitRows } from "./raw-diff.ts";

const entry = (a: readonly string[], b: readonly string[]) =>
  rawEntry({ path: "p", kind: "changed", a, b }).lines;
/** Few different lines, so that both sides share some. */
const value = fc
  .array(fc.constantFrom("x", "y", "z", ""), { minLength: 1, maxLength: 30 })
  .map((lines) => lines.join("\n"));
const side = fc.array(value, { maxLength: 2 });
const textOf = (lines: readonly RawLine[], kind: "removed" | "added") =>
  lines.flatMap((line) => (line.kind === kind ? [line.text] : []));

describe("an entry as lines", () => {
  it("has the old value out and the new one in", () => {
    expect(entry(["6.12"], ["6.13"])).toEqual([
      { kind: "removed", text: "6.12" },
      { kind: "added", text: "6.13" },
    ]);
  });

  it("tells an empty value from one that is not there", () => {
    expect(entry([], [""])).toEqual([{ kind: "added", text: "" }]);
    expect(entry([""], [])).toEqual([{ kind: "removed", text: "" }]);
    expect(entry([""], ["x"])).toEqual([
      { kind: "removed", text: "" },
      { kind: "added", text: "x" },
    ]);
  });

  it("has every accepted value out, and counts equal lines far from a change", () => {
    expect(textOf(entry(["1", "2"], ["3"]), "removed")).toEqual(["1", "2"]);
    const long = Array.from({ length: 50 }, (_, n) => `line ${n}`);
    const lines = entry([long.join("\n")], [[...long, "more"].join("\n")]);
    expect(lines[0]).toEqual({ kind: "hidden", count: 47 });
    expect(textOf(lines, "added")).toEqual(["more"]);
  });

  it("says the same side by side as one below the other", () => {
    fc.assert(
      fc.property(side, side, (a, b) => {
        const lines = entry(a, b);
        const rows = splitRows(lines);
        const left = rows.flatMap((row) => ("hidden" in row || !row.a ? [] : [row.a]));
        const right = rows.flatMap((row) => ("hidden" in row || !row.b ? [] : [row.b]));
        const without = (kind: RawLine["kind"]) =>
          lines.filter((line) => line.kind !== kind && line.kind !== "hidden");
        expect(left).toEqual(without("added"));
        expect(right).toEqual(without("removed"));
        expect(rows.some((row) => !("hidden" in row) && !row.a && !row.b)).toBe(false);
      }),
    );
  });

  it("keeps no empty place beside a line that has a counterpart", () => {
    expect(splitRows(entry(["a\nb"], ["c\nd"]))).toEqual([
      { a: { kind: "removed", text: "a" }, b: { kind: "added", text: "c" } },
      { a: { kind: "removed", text: "b" }, b: { kind: "added", text: "d" } },
    ]);
  });
});

describe("folding", () => {
  it("shows whole items from the front and counts the rest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 })),
        fc.integer({ min: 0, max: 60 }),
        (items, most) => {
          const { shown, lines, hiddenItems, hiddenLines } = foldLines(items, (own) => own, most);
          const sum = (list: readonly number[]) => list.reduce((all, own) => all + own, 0);
          expect(shown).toEqual(items.slice(0, shown.length));
          expect([lines, hiddenItems]).toEqual([sum(shown), items.length - shown.length]);
          expect(lines + hiddenLines).toBe(sum(items));
          expect(shown.length > 0 || items.length === 0).toBe(true);
          if (shown.length > 1) expect(lines).toBeLessThanOrEqual(most);
          const next = items[shown.length];
          if (next !== undefined) expect(lines + next).toBeGreaterThan(most);
        },
      ),
    );
  });

  it("of 6,000 entries takes a moment", () => {
    const entries = Array.from({ length: 6_000 }, (_, n) => entry([`${n}`], [`${n + 1}`]));
    const { shown, hiddenItems } = foldLines(entries, (lines) => lines.length, 1_000);
    expect([shown.length, hiddenItems]).toEqual([500, 5_500]);
  });
});
