import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROW_VERDICTS, type RowVerdict } from "#lib/domain/measure/measure";
import { aMeasure, aRow, aSnapshot } from "#tests/report-samples";
import { compareReports, inOrder } from "./compare.ts";
import type { ReportSnapshot } from "./snapshot.ts";

const withRows = (
  rows: readonly [key: string, verdict: RowVerdict][],
  measures = [aMeasure({ id: "M01" })],
) => aSnapshot({ measures, rows: { M01: rows.map(([key, verdict]) => aRow({ key, name: key, verdict })) } });
const keys = (found: { items: readonly { key: string }[] }) => found.items.map(({ key }) => key);
const one = (earlier: ReportSnapshot, later: ReportSnapshot, limit = 100) => {
  const [compared] = compareReports(earlier, later, limit);
  if (!compared) throw new Error("nothing compared");
  return compared;
};

describe("comparing two reports", () => {
  it("tells what appeared, what is resolved and what is still open", () => {
    const earlier = withRows([
      ["a", "missed"],
      ["b", "stale"],
      ["c", "met"],
    ]);
    const later = withRows([
      ["a", "open"],
      ["b", "met"],
      ["c", "not_covered"],
      ["d", "exempt"],
    ]);
    const { appeared, resolved, stillOpen } = one(earlier, later);
    expect([keys(appeared), keys(resolved), keys(stillOpen)]).toEqual([["c"], ["b"], ["a"]]);
    expect(stillOpen.items[0]?.verdict).toBe("open");
  });

  it("says nothing about what only one of them asked", () => {
    const { earlier, later, appeared, resolved } = one(withRows([["a", "missed"]]), withRows([], []));
    expect(earlier).not.toBeNull();
    expect([later, appeared.count, resolved.count]).toEqual([null, 0, 0]);
  });

  it("counts all and names some", () => {
    const { appeared } = one(
      withRows([]),
      withRows([
        ["b", "missed"],
        ["a", "missed"],
        ["c", "open"],
      ]),
      2,
    );
    expect([appeared.count, keys(appeared)]).toEqual([3, ["a", "b"]]);
  });

  it("puts every finding into exactly one part, and mirrors when the two are swapped", () => {
    const rows = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom(...ROW_VERDICTS)));
    fc.assert(
      fc.property(rows, rows, (some, others) => {
        const [a, b] = [withRows(some), withRows(others)];
        const [there, back] = [one(a, b), one(b, a)];
        expect(keys(there.appeared)).toEqual(keys(back.resolved));
        expect(keys(there.stillOpen)).toEqual(keys(back.stillOpen));
        const isFinding = (verdict: RowVerdict) => verdict !== "met" && verdict !== "exempt";
        const open = new Set(others.filter(([, verdict]) => isFinding(verdict)).map(([key]) => key));
        expect(new Set([...keys(there.appeared), ...keys(there.stillOpen)])).toEqual(open);
        expect(there.appeared.count + there.stillOpen.count).toBe(open.size);
      }),
    );
  });

  it("begins with the earlier period, or with what was known earlier", () => {
    const a = aSnapshot({ period: { from: "2026-01-01T00:00:00.000Z", to: "2026-02-01T00:00:00.000Z" } });
    const b = aSnapshot({ period: { from: "2026-02-01T00:00:00.000Z", to: "2026-03-01T00:00:00.000Z" } });
    const known = { ...b, knownAt: "2026-12-01T00:00:00.000Z" };
    expect(inOrder(b, a)).toEqual([a, b]);
    expect(inOrder(known, b)).toEqual([b, known]);
  });
});
