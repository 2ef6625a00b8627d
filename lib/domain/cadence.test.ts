import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  epochAt,
  laneCadenceMs,
  limitAt,
  limitEpochs,
  limitOfCadence,
  medianOf,
  silenceEpochs,
  silencesOf,
  sourceCadenceMs,
  withMeasurement,
} from "./cadence.ts";

const MINUTE = 60_000;
const times = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 40 });
const bounds = fc
  .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: 1, max: 500 }), fc.nat(5_000))
  .map(([factor, floorMs, more]) => ({ factor, floorMs, capMs: floorMs + more }));

describe("the cadence of a line", () => {
  it("does not depend on order or duplicates of what was heard", () => {
    fc.assert(
      fc.property(times, fc.infiniteStream(fc.nat()), (heard, salt) => {
        const mixed = [...heard, ...heard.slice(0, 7)]
          .map((at) => ({ at, key: salt.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ at }) => at);
        expect(laneCadenceMs(mixed)).toBe(laneCadenceMs(heard));
      }),
    );
  });

  it("is a gap that was observed, and needs three of them", () => {
    fc.assert(
      fc.property(times, (heard) => {
        const distinct = [...new Set(heard)].sort((a, b) => a - b);
        const gaps = distinct.slice(1).map((at, index) => at - (distinct[index] ?? 0));
        const cadence = laneCadenceMs(heard);
        if (gaps.length < 3) expect(cadence).toBeNull();
        else expect(gaps).toContain(cadence);
      }),
    );
  });

  it("is not moved by one silence or one burst, and follows a lasting change", () => {
    const every = (step: number, count: number, from = 0) =>
      Array.from({ length: count }, (_, index) => from + (index + 1) * step);
    const steady = every(10 * MINUTE, 8);
    expect(laneCadenceMs([...steady, 80 * MINUTE + 9 * 3_600_000])).toBe(10 * MINUTE);
    expect(laneCadenceMs([...steady, 80 * MINUTE + 1])).toBe(10 * MINUTE);
    expect(laneCadenceMs([...steady, ...every(MINUTE, 5, 80 * MINUTE)])).toBe(MINUTE);
  });
});

describe("the cadence of a source", () => {
  it("is the median over the lines that have one", () => {
    expect(sourceCadenceMs([null, null])).toBeNull();
    expect(sourceCadenceMs([5, null, 1, 9])).toBe(5);
    expect(medianOf([4, 1, 3, 2])).toBe(2);
  });

  it("opens a new epoch only when it differs by more than a quarter", () => {
    const [first] = [withMeasurement([], { fromMs: 1, ms: 100 })];
    expect(first).toEqual([{ fromMs: 1, ms: 100 }]);
    for (const ms of [null, 0, 80, 125]) expect(withMeasurement(first, { fromMs: 2, ms })).toBe(first);
    for (const ms of [79, 126]) expect(withMeasurement(first, { fromMs: 2, ms })).toHaveLength(2);
  });
});

describe("a learnt limit", () => {
  it("is a multiple of the cadence within its bounds, and grows with the cadence", () => {
    fc.assert(
      fc.property(bounds, fc.nat(10_000), fc.nat(10_000), (limits, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const limit = limitOfCadence(low, limits);
        expect(limit).toBeGreaterThanOrEqual(limits.floorMs);
        expect(limit).toBeLessThanOrEqual(limits.capMs);
        expect(limit).toBeLessThanOrEqual(limitOfCadence(high, limits));
      }),
    );
  });

  it("holds from its epoch on; before the first one the initial limit does", () => {
    const limit = limitEpochs([{ fromMs: 100, ms: 10 }], 7, { factor: 2, floorMs: 1, capMs: 50 });
    expect([0, 99, 100, 500].map((at) => limitAt(limit, at))).toEqual([7, 7, 20, 20]);
    expect(limitAt(33, 5)).toBe(33);
    expect(limitAt(null, 5)).toBeNull();
    expect(epochAt([], 5)).toBeNull();
  });
});

describe("silence of a whole source", () => {
  it("is more than twice the cadence; until it is known, more than the limit", () => {
    expect(silenceEpochs([], null)).toEqual([]);
    expect(silenceEpochs([], 30)).toEqual([{ fromMs: 0, ms: 30 }]);
    expect(silenceEpochs([{ fromMs: 50, ms: 10 }], 30)).toEqual([
      { fromMs: 0, ms: 30 },
      { fromMs: 50, ms: 20 },
    ]);
    const thresholds = silenceEpochs([{ fromMs: 0, ms: 10 }], null);
    expect(silencesOf([0, 20, 41], thresholds, 61)).toEqual([{ lastMs: 20, sinceMs: 40, untilMs: 41 }]);
    expect(silencesOf([0, 20, 41], thresholds, 62).at(-1)).toEqual({
      lastMs: 41,
      sinceMs: 61,
      untilMs: null,
    });
  });

  it("covers exactly the instants that no evidence within the threshold vouches for", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(400),
        (heard, threshold, probe) => {
          const ascending = heard.sort((a, b) => a - b);
          const silences = silencesOf(ascending, [{ fromMs: 0, ms: threshold }], 400);
          const silent = silences.some(
            ({ sinceMs, untilMs }) => probe >= sinceMs && probe < (untilMs ?? Number.POSITIVE_INFINITY),
          );
          const last = ascending.findLast((at) => at <= probe);
          if (probe === 400) return;
          expect(silent).toBe(last !== undefined && probe - last >= threshold);
        },
      ),
    );
  });
});
