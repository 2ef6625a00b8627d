import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_MEASURES, MEASURES, measureById, WATCHED } from "./catalogue.ts";
import { controlStatus, type MeasureOutcome, NOTE_KINDS } from "./control.ts";
import { FRAMEWORKS } from "./frameworks.ts";
import { denominatorOf, judge, MEASURE_RESULTS, type Measure, NO_TOTALS } from "./measure.ts";

const share = measureById("M02") as Measure;
const none = measureById("M03") as Measure;
const duration = measureById("M12") as Measure;
const UNAVAILABLE: Measure = { ...share, kind: "unavailable", reason: "nothing is recorded" };

describe("judging a measure", () => {
  it("never satisfies a share by silence, missing coverage or an exemption", () => {
    const part = fc.nat(1_000_000);
    fc.assert(
      fc.property(part, part, part, part, part, (met, missed, stale, notCovered, exempt) => {
        const totals = { ...NO_TOTALS, met, missed, stale, notCovered, exempt };
        if (judge(share, totals) === "satisfied") {
          expect(met * 100).toBeGreaterThanOrEqual(99 * denominatorOf(totals) - 1e-6);
        }
      }),
    );
  });

  it("has no data where nothing was ever stated, and an answer where there was only silence", () => {
    expect(judge(share, { ...NO_TOTALS, notCovered: 5 })).toBe("no_data");
    expect(judge(share, { ...NO_TOTALS, stale: 5 })).toBe("not_satisfied");
    expect(judge(none, NO_TOTALS)).toBe("no_data");
    expect(judge(none, { ...NO_TOTALS, basis: 3 })).toBe("satisfied");
    expect(judge(duration, NO_TOTALS)).toBe("no_data");
  });

  it("fails a duration by one wait that is not over and longer than allowed", () => {
    const quick = { ...NO_TOTALS, n: 9, p50: 1, p90: 1, p95: 1, basis: 9 };
    expect(judge(duration, quick)).toBe("satisfied");
    expect(judge(duration, { ...quick, open: 1, openOver: 1 })).toBe("not_satisfied");
    expect(judge(duration, { ...NO_TOTALS, open: 1, openOver: 1 })).toBe("not_satisfied");
  });

  it("judges nothing that has no threshold, and nothing that is not recorded", () => {
    expect(judge(measureById("acknowledge") as Measure, { ...NO_TOTALS, n: 1, p95: 1 })).toBeNull();
    expect(judge(UNAVAILABLE, { ...NO_TOTALS, basis: 9 })).toBe("no_data");
  });
});

describe("the catalogue", () => {
  it("has each measure once, M01 to M25 without a hole", () => {
    const ids = ALL_MEASURES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(MEASURES.map(({ id }) => id)).toEqual(
      Array.from({ length: 25 }, (_, index) => `M${String(index + 1).padStart(2, "0")}`),
    );
    for (const id of WATCHED) expect(measureById(id), id).toBeDefined();
  });

  it("maps each control once, to measures that exist, and says what is not covered", () => {
    for (const { id: framework, controls } of FRAMEWORKS) {
      const ids = controls.map(({ id }) => id);
      expect(new Set(ids).size, framework).toBe(ids.length);
      for (const { id, line, measures, notCovered } of controls) {
        expect(line.length, `${framework} ${id}`).toBeGreaterThan(5);
        expect(notCovered.length, `${framework} ${id}`).toBeGreaterThan(5);
        for (const one of measures) expect(measureById(one), `${framework} ${id} ${one}`).toBeDefined();
      }
    }
  });
});

describe("the status of a control", () => {
  const outcome = fc.record({
    result: fc.constantFrom(...MEASURE_RESULTS, null),
    unavailable: fc.boolean(),
  }) as fc.Arbitrary<MeasureOutcome>;
  const notes = fc.subarray([...NOTE_KINDS]);

  it("passes only when something is satisfied, nothing fails, and nothing that could be known is missing", () => {
    fc.assert(
      fc.property(fc.array(outcome), notes, (measures, kinds) => {
        if (controlStatus(measures, kinds) !== "pass") return;
        expect(measures.some(({ result }) => result === "satisfied")).toBe(true);
        expect(measures.some(({ result }) => result === "not_satisfied")).toBe(false);
        expect(measures.some(({ result, unavailable }) => !unavailable && result === "no_data")).toBe(false);
      }),
    );
  });

  it("is not changed by an exception, a compensating note or a manual check", () => {
    fc.assert(
      fc.property(fc.array(outcome), notes, (measures, kinds) => {
        const others = kinds.filter((kind) => kind !== "not_applicable");
        expect(controlStatus(measures, others)).toBe(controlStatus(measures, []));
      }),
    );
  });

  it("is for people where no measure speaks, and without evidence where none can", () => {
    expect(controlStatus([], [])).toBe("manual");
    expect(controlStatus([{ result: "no_data", unavailable: true }], [])).toBe("no_evidence");
    expect(controlStatus([{ result: "satisfied", unavailable: false }], ["not_applicable"])).toBe(
      "not_applicable",
    );
  });
});
