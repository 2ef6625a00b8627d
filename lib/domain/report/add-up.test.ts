import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { denominatorOf, NO_TOTALS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import { addUp, inReportOrder, openLimitOf } from "./add-up.ts";
import type { ReportRow } from "./snapshot.ts";

const row = fc.record({
  kind: fc.constant("node" as const),
  key: fc.string(),
  nodeId: fc.constant(null),
  name: fc.string(),
  verdict: fc.constantFrom(...ROW_VERDICTS),
  weight: fc.nat(),
  value: fc.option(fc.nat()),
  at: fc.constant(null),
  detail: fc.string(),
}) satisfies fc.Arbitrary<ReportRow>;

describe("adding up rows", () => {
  it("loses no weight: all rows that are not open are the denominator", () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const weight = rows
          .filter(({ verdict }) => verdict !== "open")
          .reduce((sum, one) => sum + one.weight, 0);
        const totals = addUp(rows, rows.length, null);
        expect(denominatorOf(totals)).toBe(weight);
        expect(totals.open).toBe(rows.filter(({ verdict }) => verdict === "open").length);
      }),
    );
  });

  it("depends on no order, and quantiles are lengths of rows that at least that part is within", () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const totals = addUp(rows, 1, 1_000);
        expect(addUp(inReportOrder(rows), 1, 1_000)).toEqual(totals);
        const lengths = rows.flatMap(({ verdict, value }) =>
          verdict === "open" || value === null ? [] : [value],
        );
        expect(totals.n).toBe(lengths.length);
        for (const [part, quantile] of [
          [50, totals.p50],
          [90, totals.p90],
          [95, totals.p95],
        ] as const) {
          expect(quantile === null).toBe(lengths.length === 0);
          if (quantile === null) continue;
          expect(lengths).toContain(quantile);
          const within = lengths.filter((length) => length <= quantile).length;
          const below = lengths.filter((length) => length < quantile).length;
          expect(within * 100).toBeGreaterThanOrEqual(part * lengths.length);
          expect(below * 100).toBeLessThan(part * lengths.length);
        }
      }),
    );
  });

  it("counts open rows that are longer than allowed, and nothing of nothing", () => {
    const open = { verdict: "open" as const, weight: 1 };
    const rows = [
      { ...open, value: 10 },
      { ...open, value: 11 },
      { ...open, value: null },
    ];
    expect(addUp(rows, 3, 10)).toEqual({ ...NO_TOTALS, open: 3, openOver: 1, basis: 3 });
    expect(addUp(rows, 3, null).openOver).toBe(0);
    expect(addUp([], 0, null)).toEqual(NO_TOTALS);
    expect(openLimitOf({ kind: "duration", threshold: 5 })).toBe(5);
    expect(openLimitOf({ kind: "share", threshold: 0.9 })).toBeNull();
  });
});
