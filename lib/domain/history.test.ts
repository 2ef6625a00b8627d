import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLine } from "#tests/default-line";
import {
  type Chain,
  compareVerdicts,
  type FoldVerdict,
  foldLane,
  isGap,
  type LaneInterval,
  type Statement,
} from "./history.ts";
import { LANE_STATES, type LaneState } from "./trust-status.ts";

const STATEMENT: Statement = {
  outcome: "verified_good",
  tier: "affirming",
  vector: [],
  measurementDigest: null,
  kid: null,
};
const chain: Chain = (roll, hash) => `${roll}>${hash}`;
const TTL = 100;

const verdict = (atMs: number, state: LaneState, hash = `${atMs}${state}`): FoldVerdict => ({
  atMs,
  hash,
  state,
  evidenceKey: `key-${state}`,
  reason: state,
  statement: STATEMENT,
});

const verdicts = fc
  .uniqueArray(
    fc.record({
      atMs: fc.integer({ min: 0, max: 2000 }),
      state: fc.constantFrom(...LANE_STATES),
      salt: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 40, selector: ({ atMs, state, salt }) => `${atMs}${state}${salt}` },
  )
  .map((list) => list.map(({ atMs, state, salt }) => verdict(atMs, state, `${state}${salt}`)));

const shape = (intervals: readonly LaneInterval[]) =>
  intervals.map(({ fromMs, toMs, state }) => [fromMs, toMs, state]);

describe("foldLane", () => {
  it("extends an interval while the same is stated again", () => {
    const [only, ...rest] = foldLane(
      [verdict(0, "trusted"), verdict(50, "trusted"), verdict(90, "trusted")],
      TTL,
      100,
      chain,
    );
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ fromMs: 0, toMs: null, n: 3, firstMs: 0, lastMs: 90 });
  });

  it("draws silence beyond the limit as a gap of its own and never over it", () => {
    expect(shape(foldLane([verdict(0, "trusted"), verdict(500, "trusted")], TTL, 500, chain))).toEqual([
      [0, 100, "trusted"],
      [100, 500, "stale"],
      [500, null, "trusted"],
    ]);
  });

  it("goes stale only after the limit has passed, not at it", () => {
    expect(shape(foldLane([verdict(0, "trusted")], TTL, 100, chain))).toEqual([[0, null, "trusted"]]);
    expect(shape(foldLane([verdict(0, "trusted")], TTL, 101, chain))).toEqual([
      [0, 100, "trusted"],
      [100, null, "stale"],
    ]);
  });

  it("never goes stale without an expected cadence", () => {
    expect(shape(foldLane([verdict(0, "failed")], null, 1e12, chain))).toEqual([[0, null, "failed"]]);
  });

  it("lets the worst of two statements at one instant win, whichever came first", () => {
    const both = [verdict(10, "trusted"), verdict(10, "failed")];
    expect(shape(foldLane(both, TTL, 20, chain))).toEqual([[10, null, "failed"]]);
    expect(shape(foldLane(both.reverse(), TTL, 20, chain))).toEqual([[10, null, "failed"]]);
  });

  it("remembers through silence and through 'no answer' that the last statement was a failure", () => {
    const intervals = foldLane([verdict(0, "failed"), verdict(50, "stale")], TTL, 1000, chain);
    expect(intervals.map(({ state, afterFailure }) => [state, afterFailure])).toEqual([
      ["failed", false],
      ["stale", true],
      ["stale", true],
    ]);
  });

  it("gives the same history whatever the order of arrival", () => {
    fc.assert(
      fc.property(verdicts, fc.infiniteStream(fc.nat()), (list, salt) => {
        const shuffled = [...list]
          .map((v) => ({ v, k: salt.next().value ?? 0 }))
          .sort((a, b) => a.k - b.k)
          .map(({ v }) => v);
        expect(foldLane(shuffled, TTL, 3000, chain)).toEqual(foldLane(list, TTL, 3000, chain));
      }),
    );
  });

  it("gives the same history when it goes on from the open interval as when it starts anew", () => {
    fc.assert(
      fc.property(verdicts, fc.nat({ max: 40 }), (list, cut) => {
        const sorted = [...list].sort(compareVerdicts);
        const before = sorted.slice(0, cut);
        const after = sorted.slice(cut);
        const lastBefore = before.at(-1);
        // A seed covers whole instants: the caller takes the late path otherwise.
        fc.pre(lastBefore === undefined || after[0] === undefined || after[0].atMs > lastBefore.atMs);
        const nowThen = lastBefore?.atMs ?? 0;
        const prefix = foldLane(before, TTL, nowThen, chain);
        const seed = prefix.at(-1);
        const continued = seed
          ? [...prefix.slice(0, -1), ...foldLane(after, TTL, 3000, chain, seed)]
          : foldLane(after, TTL, 3000, chain);
        expect(continued).toEqual(foldLane(list, TTL, 3000, chain));
      }),
    );
  });

  it("leaves no hole and no overlap, and counts every verdict that is not outdone at its own instant", () => {
    fc.assert(
      fc.property(verdicts, (list) => {
        const intervals = foldLane(list, TTL, 3000, chain);
        intervals.forEach((interval, index) => {
          const next = intervals[index + 1];
          expect(interval.toMs).toBe(next ? next.fromMs : null);
          if (interval.toMs !== null) expect(interval.toMs).toBeGreaterThan(interval.fromMs);
          expect(isGap(interval)).toBe(interval.n === 0);
          if (!isGap(interval))
            expect((interval.toMs ?? 3000) - (interval.lastMs ?? 0)).toBeLessThanOrEqual(TTL);
        });
        const instants = new Set(list.map(({ atMs }) => atMs)).size;
        const counted = intervals.reduce((sum, { n }) => sum + n, 0);
        expect(counted).toBeGreaterThanOrEqual(instants > 0 ? 1 : 0);
        expect(counted).toBeLessThanOrEqual(list.length);
      }),
    );
  });
});

describe("a node's own line by the built-in policy", () => {
  const lane = (label: string, list: FoldVerdict[], now = 3000) => ({
    label,
    intervals: foldLane(list, TTL, now, chain),
  });

  it("fails a node as soon as one lane fails, and says which", () => {
    const [first, second] = defaultLine(
      [lane("lab", [verdict(0, "trusted")], 50), lane("cloud", [verdict(10, "failed")], 50)],
      0,
    );
    expect(first).toMatchObject({ fromMs: 0, toMs: 10, state: "trusted" });
    expect(second).toMatchObject({ fromMs: 10, toMs: null, state: "failed", reason: "cloud: failed" });
  });

  it("keeps a failed node failed when its verifier falls silent", () => {
    expect(defaultLine([lane("lab", [verdict(0, "failed")])], 0).map(({ state }) => state)).toEqual([
      "failed",
      "failed",
    ]);
  });

  it("is pending from the first sign of the node until its first verdict", () => {
    expect(defaultLine([lane("lab", [verdict(50, "trusted")], 60)], 0)).toEqual([
      { fromMs: 0, toMs: 50, state: "pending", reason: "No verdict yet" },
      { fromMs: 50, toMs: null, state: "trusted", reason: "trusted" },
    ]);
    expect(defaultLine([], 7)).toEqual([
      { fromMs: 7, toMs: null, state: "pending", reason: "No verdict yet" },
    ]);
  });

  it("never counts a silent node as trusted", () => {
    fc.assert(
      fc.property(verdicts, verdicts, (a, b) => {
        const lanes = [lane("a", a), lane("b", b)];
        for (const { fromMs, state } of defaultLine(lanes, 5000)) {
          if (state !== "trusted") continue;
          for (const { intervals } of lanes) {
            const at = intervals.filter((interval) => interval.fromMs <= fromMs).at(-1);
            expect(at === undefined || at.state === "trusted").toBe(true);
          }
        }
      }),
    );
  });

  it("degrades a node of which one verifier is silent and another affirms", () => {
    const fused = defaultLine(
      [
        lane("lab", [verdict(0, "trusted"), verdict(90, "trusted"), verdict(180, "trusted")], 200),
        lane("cloud", [verdict(0, "trusted")], 200),
      ],
      0,
    );
    expect(fused.at(-1)).toMatchObject({
      fromMs: 100,
      state: "degraded",
      reason: "1 of 2 lines of evidence say nothing: cloud",
    });
  });
});
