import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepVoid } from "./distrust.ts";
import { type Chain, type FoldVerdict, foldLane, hasFailed, isGap, type LaneInterval } from "./history.ts";
import { keepBefore } from "./horizon.ts";
import { LANE_STATES, type LaneState } from "./trust-status.ts";

const chain: Chain = (roll, hash) => `${roll}>${hash}`;
const END = 3000;
const KIDS = ["k1", "k2", null] as const;

const verdict = (atMs: number, state: LaneState, kid: string | null): FoldVerdict => ({
  atMs,
  hash: `${atMs}`,
  state,
  evidenceKey: `${kid} ${state}`,
  reason: state,
  statement: { outcome: "verified_good", tier: "affirming", vector: [], measurementDigest: null, kid },
});
// One at an instant: of two, the log alone knows what the worse one hid.
const verdicts = fc
  .uniqueArray(
    fc.record({
      atMs: fc.nat(2000),
      state: fc.constantFrom(...LANE_STATES),
      kid: fc.constantFrom(...KIDS),
    }),
    { minLength: 1, maxLength: 40, selector: ({ atMs }) => atMs },
  )
  .map((list) => list.map(({ atMs, state, kid }) => verdict(atMs, state, kid)));
/** The key says that the lane is no longer failed, and is lost before it says so for the second time. */
const MENDED_HALFWAY = [
  verdict(0, "failed", "k1"),
  verdict(1, "pending", "k1"),
  verdict(2, "pending", "k1"),
  verdict(3, "stale", "k2"),
];
const limits = fc.option(fc.integer({ min: 1, max: 400 }));
const instants = fc.integer({ min: 0, max: 2100 });

/** The lane as it is derived anew behind its horizon; `null` when no verdict was dropped. */
function derive(
  list: readonly FoldVerdict[],
  limit: number | null,
  { throughMs, sinceMs, earlierMs = 0 }: { throughMs: number; sinceMs: number; earlierMs?: number },
) {
  const believed = foldLane(list, limit, END, chain);
  const old = list.filter(({ atMs }) => atMs < throughMs);
  const open = foldLane(old, limit, Math.max(...old.map(({ atMs }) => atMs)), chain).at(-1);
  if (!open) return null;
  const rule = { kid: "k1", sinceMs, voidFromMs: sinceMs - earlierMs };
  const kept = keepBefore(believed, { throughMs, open }, rule);
  const counted = list.filter(({ atMs, statement }) => statement.kid !== "k1" || atMs < sinceMs);
  const young = counted.filter(({ atMs }) => atMs >= throughMs);
  const lane = [...kept.before, ...foldLane(young, limit, END, chain, kept.open)];
  return { believed, open, rule, kept, lane, scratch: foldLane(counted, limit, END, chain) };
}

const after = (lane: readonly LaneInterval[], fromMs: number) =>
  lane
    .filter(({ toMs }) => toMs === null || toMs > fromMs)
    .map(({ fromMs: from, toMs, state, evidenceKey, afterFailure, reason }) => [
      Math.max(from, fromMs),
      toMs,
      state,
      evidenceKey,
      afterFailure,
      reason,
    ]);

/**
 * Both lanes say the same from an instant on. Where the key was lost in the middle of a statement, which falls
 * as a whole, the derived lane may remember a failure that the log would have seen mended; never the reverse.
 */
function expectSame(
  { believed, lane, scratch, rule }: NonNullable<ReturnType<typeof derive>>,
  fromMs: number,
) {
  const cut = believed.some(
    (one) =>
      !isGap(one) &&
      one.statement.kid === rule.kid &&
      one.fromMs < rule.sinceMs &&
      (one.lastMs ?? one.fromMs) >= rule.sinceMs,
  );
  if (!cut) return expect(after(lane, fromMs)).toEqual(after(scratch, fromMs));
  const [derived, whole] = [after(lane, fromMs), after(scratch, fromMs)];
  const said = (rows: typeof whole) => rows.map((row) => row.slice(0, 4));
  expect(said(derived)).toEqual(said(whole));
  for (const [index, row] of whole.entries()) if (row[4]) expect(derived[index]?.[4]).toBe(true);
}

describe("a lane behind its horizon, without a key", () => {
  it("is what the whole log amounts to when the horizon hides nothing of the key", () => {
    fc.assert(
      fc.property(verdicts, limits, instants, instants, (list, limit, throughMs, since) => {
        const sinceMs = Math.max(since, throughMs);
        const derived = derive(list, limit, { throughMs, sinceMs });
        if (!derived) return;
        expect(derived.kept.changed).toBe(false);
        expect(derived.lane).toEqual(derived.scratch);
        expect(keepVoid(derived.believed, derived.scratch)).toEqual(derived.lane);
      }),
      { numRuns: 500 },
    );
  });

  it("is, after the horizon, what the whole log amounts to when its open statement still counts", () => {
    fc.assert(
      fc.property(verdicts, limits, instants, instants, (list, limit, throughMs, sinceMs) => {
        const derived = derive(list, limit, { throughMs, sinceMs });
        if (!derived || isGap(derived.kept.open)) return;
        expectSame(derived, throughMs);
      }),
      { numRuns: 500, examples: [[MENDED_HALFWAY, null, 4, 2]] },
    );
  });

  it("is, from the first kept statement on, the fold of the kept log when it does not count", () => {
    fc.assert(
      fc.property(verdicts, limits, instants, instants, (list, limit, throughMs, sinceMs) => {
        const derived = derive(list, limit, { throughMs, sinceMs });
        if (!derived || !isGap(derived.kept.open)) return;
        expect(derived.kept.open.reason).toBe("No evidence that counts: key k1 is distrusted");
        const first = derived.lane.find((one) => !isGap(one) && one.fromMs >= throughMs);
        if (first) expectSame(derived, first.fromMs);
        else expect(derived.lane.at(-1)?.reason).toBe(derived.kept.open.reason);
      }),
      { numRuns: 500 },
    );
  });

  it("has no evidence of the key at or after the instant, no hole, and all else as it was believed", () => {
    fc.assert(
      fc.property(
        verdicts,
        limits,
        instants,
        instants,
        fc.nat(300),
        (list, limit, throughMs, sinceMs, by) => {
          const derived = derive(list, limit, { throughMs, sinceMs, earlierMs: by });
          if (!derived) return;
          const { lane, kept, believed, open, rule } = derived;
          for (const one of [...kept.before, kept.open].filter((interval) => !isGap(interval))) {
            expect(one.statement.kid === "k1" && (one.lastMs ?? 0) >= rule.voidFromMs).toBe(false);
            const { afterFailure: _, ...same } = one;
            const known =
              one.fromMs === open.fromMs ? open : believed.find((was) => was.fromMs === one.fromMs);
            expect(known).toMatchObject(same);
          }
          expect(lane[0]?.fromMs).toBe(believed[0]?.fromMs);
          for (const [index, one] of lane.entries()) expect(one.toMs).toBe(lane[index + 1]?.fromMs ?? null);
          const again = keepBefore(lane, { throughMs, open: kept.open }, rule);
          expect(again).toEqual({ before: kept.before, open: kept.open, changed: false });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never forgets through a loss of evidence that the lane has failed", () => {
    fc.assert(
      fc.property(verdicts, limits, instants, instants, (list, limit, throughMs, sinceMs) => {
        const derived = derive(list, limit, { throughMs, sinceMs });
        if (!derived) return;
        const older = [...derived.kept.before, derived.kept.open];
        for (const [index, one] of older.entries()) {
          if (one.state === "stale" && hasFailed(older[index - 1])) expect(one.afterFailure).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("remembers a failure of the key from before it was lost", () => {
    const list = [verdict(0, "failed", "k1"), verdict(20, "failed", "k1"), verdict(40, "stale", null)];
    const derived = derive(list, null, { throughMs: 50, sinceMs: 10 });
    expect(derived?.lane.map(({ state, afterFailure }) => [state, afterFailure])).toEqual([
      ["stale", true],
      ["stale", true],
    ]);
  });
});
