import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Assessment, ClassifiedFinding } from "./drift-classify.ts";
import {
  cutAt,
  type DriftGrounds,
  type DriftState,
  findingKey,
  foldDrift,
  stateKey,
  stitch,
  stretchKey,
} from "./drift-fold.ts";

const finding = (path: string, why: string): ClassifiedFinding => ({
  path,
  kind: "changed",
  expected: ["x"],
  actual: "y",
  baselineId: "b",
  baselineVersion: 1,
  layer: "config",
  class: "unexplained",
  rule: "unexplained",
  why,
  effect: "degrade",
  score: 1,
  exceptionId: null,
  windowId: null,
});

/** An answer that depends on every part of the state, with findings that outlast some changes of it. */
function assess(state: DriftState): Assessment {
  const list = [
    finding("of digest", state.digest),
    ...state.exceptionIds.map((id) => finding("of exception", id)),
  ];
  return {
    worst: "unexplained",
    effect: "degrade",
    score: list.length,
    findings: { authorised: 0, benign: 0, unexplained: list.length, malicious_like: 0 },
    reason: stateKey(state),
    baselines: state.expected.map(({ baselineId, target }) => ({
      id: baselineId,
      name: baselineId,
      version: target,
    })),
    list,
  };
}

const instant = fc.integer({ min: 0, max: 30 });
const span = fc
  .record({ fromMs: instant, length: fc.option(fc.integer({ min: 1, max: 20 })) })
  .map(({ fromMs, length }) => ({ fromMs, toMs: length === null ? null : fromMs + length }));
const named = (names: readonly string[]) =>
  fc.array(
    fc.tuple(span, fc.constantFrom(...names)).map(([at, id]) => ({ ...at, id })),
    { maxLength: 4 },
  );

/** Parts of a line that follow one another, with holes. */
const inRow = fc
  .uniqueArray(instant, { minLength: 1, maxLength: 6 })
  .chain((starts) =>
    fc.tuple(
      fc.constant(starts.sort((a, b) => a - b)),
      fc.array(fc.constantFrom("a", "b", null), { minLength: 6, maxLength: 6 }),
    ),
  )
  .map(([starts, values]) =>
    starts.flatMap((fromMs, index) => {
      const value = values[index];
      return value ? [{ fromMs, toMs: starts[index + 1] ?? null, value }] : [];
    }),
  );

const grounds: fc.Arbitrary<DriftGrounds> = fc
  .tuple(inRow, inRow, named(["e1", "e2"]), named(["w1"]), fc.uniqueArray(instant, { maxLength: 2 }))
  .map(([measured, expected, exceptions, windows, settings]) => ({
    measured: measured.map(({ value, ...at }) => ({ ...at, digest: value })),
    expected: expected.map(({ value, ...at }) => ({
      ...at,
      baselineId: "b",
      target: value === "a" ? 1 : 2,
      accepted: [],
    })),
    exceptions: [...new Map(exceptions.map((one) => [one.id, one])).values()],
    windows: [...new Map(windows.map((one) => [one.id, one])).values()],
    settings: [
      { version: 0, fromMs: Number.NEGATIVE_INFINITY },
      ...settings.sort((a, b) => a - b).map((fromMs, index) => ({ version: index + 1, fromMs })),
    ],
  }));

/** What is so at one instant, asked without folding anything. */
function naive(all: DriftGrounds, atMs: number): Assessment | null {
  const holds = ({ fromMs, toMs }: { fromMs: number; toMs: number | null }) =>
    fromMs <= atMs && (toMs === null || atMs < toMs);
  const now = all.measured.find(holds);
  const expected = all.expected.filter(holds);
  if (!now || expected.length === 0) return null;
  return assess({
    digest: now.digest,
    expected: expected.map(({ baselineId, target, accepted }) => ({ baselineId, target, accepted })),
    exceptionIds: all.exceptions.filter(holds).map(({ id }) => id),
    windowIds: all.windows.filter(holds).map(({ id }) => id),
    settingVersion: all.settings.filter(({ fromMs }) => fromMs <= atMs).length - 1,
  });
}

const at = <S extends { fromMs: number; toMs: number | null }>(stretches: readonly S[], atMs: number): S[] =>
  stretches.filter(({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs < toMs));

describe("drift over time", () => {
  it("is at every instant what asking about that instant alone gives", () => {
    fc.assert(
      fc.property(grounds, (all) => {
        const { intervals, findings } = foldDrift(all, assess);
        for (let atMs = 0; atMs <= 60; atMs += 1) {
          const there = at(intervals, atMs);
          const expected = naive(all, atMs);
          expect(there.map(({ assessment }) => assessment.reason)).toEqual(expected ? [expected.reason] : []);
          expect(
            at(findings, atMs)
              .map((one) => findingKey(one.finding))
              .sort(),
          ).toEqual((expected?.list ?? []).map(findingKey).sort());
        }
      }),
    );
  });

  it("does not depend on the order in which measurements and rollouts became known", () => {
    fc.assert(
      fc.property(grounds, (all) => {
        const turned = { ...all, measured: all.measured.toReversed(), expected: all.expected.toReversed() };
        expect(foldDrift(turned, assess)).toEqual(foldDrift(all, assess));
      }),
    );
  });

  it("never splits what says the same", () => {
    fc.assert(
      fc.property(grounds, (all) => {
        const { intervals, findings } = foldDrift(all, assess);
        for (const [index, interval] of intervals.entries()) {
          const before = intervals[index - 1];
          if (before?.toMs === interval.fromMs) expect(stretchKey(before)).not.toBe(stretchKey(interval));
        }
        for (const one of findings) {
          expect(
            findings.filter(
              (other) => other.fromMs === one.toMs && findingKey(other.finding) === findingKey(one.finding),
            ),
          ).toEqual([]);
        }
      }),
    );
  });

  it("comes out the same from whatever instant it is folded again", () => {
    fc.assert(
      fc.property(grounds, instant, (all, fromMs) => {
        const whole = foldDrift(all, assess);
        const clipped = all.measured
          .filter(({ toMs }) => toMs === null || toMs > fromMs)
          .map((one) => ({ ...one, fromMs: Math.max(fromMs, one.fromMs) }));
        const part = foldDrift({ ...all, measured: clipped }, assess);
        expect(stitch(whole.intervals, part.intervals, fromMs, stretchKey)).toEqual(whole.intervals);
      }),
    );
  });

  it("is left open at the present, and knows when it changes by itself", () => {
    fc.assert(
      fc.property(grounds, instant, (all, nowMs) => {
        const whole = foldDrift(all, assess);
        const { intervals, nextMs } = cutAt(whole, nowMs);
        expect(
          intervals.every(({ fromMs, toMs }) => fromMs <= nowMs && (toMs === null || toMs <= nowMs)),
        ).toBe(true);
        const reason = (atMs: number) => at(whole.intervals, atMs)[0]?.assessment.reason;
        for (let atMs = nowMs; atMs < (nextMs ?? 61); atMs += 1) expect(reason(atMs)).toBe(reason(nowMs));
        if (nextMs !== null) expect(reason(nextMs)).not.toBe(reason(nowMs));
      }),
    );
  });

  it("changes by itself also where one finding gives way to another and the lane says the same", () => {
    const exceptions = [
      { id: "e1", fromMs: 0, toMs: 10 },
      { id: "e2", fromMs: 10, toMs: 20 },
    ];
    const always = { fromMs: 0, toMs: null };
    const all = {
      measured: [{ ...always, digest: "a" }],
      expected: [{ ...always, baselineId: "b", target: 1, accepted: [] }],
      exceptions,
      windows: [],
      settings: [{ version: 0, fromMs: Number.NEGATIVE_INFINITY }],
    };
    const whole = foldDrift(all, (state) => ({ ...assess(state), reason: "differs" }));
    expect(whole.intervals[0]).toMatchObject({ fromMs: 0, toMs: 20 });
    expect(cutAt(whole, 5).nextMs).toBe(10);
    expect(cutAt(whole, 15).nextMs).toBe(20);
    expect(cutAt(whole, 25).nextMs).toBeNull();
  });
});
