import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import {
  type Block,
  blockAt,
  clusterEvents,
  drawingOrder,
  layoutLane,
  layoutLanes,
  type Stretch,
  worseStatus,
} from "./timeline-layout.ts";
import { type Range, xOf } from "./timeline-scale.ts";

const START = Date.UTC(2026, 10, 1);
const iso = (ms: number) => new Date(ms).toISOString();

/** A lane: intervals in order with holes between some of them; the last may be open. */
const lane = fc
  .record({
    parts: fc.array(
      fc.record({
        holeMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_000_000 })),
        lengthMs: fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 9_000_000 })),
        state: fc.constantFrom(...TRUST_STATUSES),
        verdicts: fc.integer({ min: 0, max: 500 }),
      }),
      { minLength: 1, maxLength: 120 },
    ),
    open: fc.boolean(),
  })
  .map(({ parts, open }) => {
    let at = START;
    return parts.map(({ holeMs, lengthMs, state, verdicts }, index): Stretch => {
      const from = at + holeMs;
      at = from + lengthMs;
      return { from: iso(from), to: open && index === parts.length - 1 ? null : iso(at), state, verdicts };
    });
  });

const view = fc
  .record({
    offsetMs: fc.integer({ min: -5_000_000, max: 50_000_000 }),
    spanMs: fc.integer({ min: 10_000, max: 200_000_000 }),
  })
  .map(({ offsetMs, spanMs }): Range => ({ fromMs: START + offsetMs, toMs: START + offsetMs + spanMs }));
const width = fc.integer({ min: 200, max: 1_600 });
const NOW = START + 2_000_000_000;

const members = (intervals: readonly Stretch[], block: Block) => intervals.slice(block.first, block.last + 1);
const endOf = ({ to }: Stretch) => (to === null ? NOW : Date.parse(to));

describe("layoutLane", () => {
  test("every interval in the range is in exactly one block, in order", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        const blocks = layoutLane(intervals, range, widthPx, NOW);
        const drawn = blocks.flatMap((block) => members(intervals, block));
        const visible = intervals.filter((i) => Date.parse(i.from) < range.toMs && endOf(i) > range.fromMs);
        expect(drawn).toEqual(visible);
        for (const block of blocks) expect(block.count).toBe(block.last - block.first + 1);
        for (const [i, block] of blocks.entries()) {
          expect(block.fromMs).toBeGreaterThanOrEqual(blocks[i - 1]?.toMs ?? Number.NEGATIVE_INFINITY);
        }
      }),
    );
  });

  test("a block never hides the worst state, a verdict or a silence of what it merges", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        for (const block of layoutLane(intervals, range, widthPx, NOW)) {
          const own = members(intervals, block);
          expect(block.state).toBe(own.map(({ state }) => state).reduce(worseStatus));
          expect(block.verdicts).toBe(own.reduce((sum, { verdicts }) => sum + verdicts, 0));
          expect(block.hasGap).toBe(own.some(({ state }) => state === "stale"));
        }
      }),
    );
  });

  test("a stretch without an interval is never covered by more than the width that makes a block visible", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        const blocks = layoutLane(intervals, range, widthPx, NOW);
        intervals.slice(1).forEach((next, i) => {
          const before = intervals[i];
          if (!before) return;
          const hole = {
            from: xOf(range, widthPx, endOf(before)),
            to: xOf(range, widthPx, Date.parse(next.from)),
          };
          if (hole.to - hole.from <= 6) return;
          for (const { xPx, widthPx: w } of blocks) {
            const covered = Math.min(xPx + w, hole.to) - Math.max(xPx, hole.from);
            expect(covered).toBeLessThanOrEqual(2.001);
          }
        });
      }),
    );
  });

  test("a block never spans a stretch without an interval that is a pixel wide", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        for (const block of layoutLane(intervals, range, widthPx, NOW)) {
          const own = members(intervals, block);
          for (const [i, next] of own.slice(1).entries()) {
            const before = own[i];
            if (!before) continue;
            const holePx = xOf(range, widthPx, Date.parse(next.from)) - xOf(range, widthPx, endOf(before));
            expect(holePx).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a silence wide enough to be seen keeps a block of its own", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        const blocks = layoutLane(intervals, range, widthPx, NOW);
        intervals.forEach((interval, index) => {
          if (interval.state !== "stale") return;
          const from = Math.max(0, xOf(range, widthPx, Date.parse(interval.from)));
          const to = Math.min(widthPx, xOf(range, widthPx, endOf(interval)));
          if (to - from < 2.001) return;
          const own = blocks.find(({ first, last }) => first === index && last === index);
          expect(own?.state).toBe("stale");
          expect(own?.xPx).toBeCloseTo(from, 6);
        });
      }),
    );
  });

  test("nothing is drawn outside the frame", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        for (const block of layoutLane(intervals, range, widthPx, NOW)) {
          expect(block.xPx).toBeGreaterThanOrEqual(0);
          expect(block.widthPx).toBeGreaterThanOrEqual(2);
          expect(block.xPx + block.widthPx).toBeLessThanOrEqual(widthPx + 0.001);
        }
      }),
    );
  });

  test("nothing is drawn beyond the present for an interval that is still open", () => {
    const range = { fromMs: START, toMs: START + 1_000_000 };
    const open: Stretch = { from: iso(START), to: null, state: "trusted", verdicts: 3 };
    const [block] = layoutLane([open], range, 1_000, START + 250_000);
    expect(block?.widthPx).toBe(250);
  });
});

describe("layoutLanes", () => {
  test("stays under the limit without losing a failure", () => {
    const states: TrustStatus[] = ["trusted", "stale", "trusted", "failed"];
    const many = Array.from({ length: 40_000 }, (_, i): Stretch => {
      const from = START + i * 50_000;
      return {
        from: iso(from),
        to: iso(from + 50_000),
        state: i === 20_001 ? "failed" : (states[i % 3] ?? "trusted"),
        verdicts: 1,
      };
    });
    const range = { fromMs: START, toMs: START + 2_000_000_000 };
    const layout = layoutLanes([many, many, many], range, 1_400, NOW, 2_000);
    const total = layout.reduce((sum, blocks) => sum + blocks.length, 0);
    expect(total).toBeLessThanOrEqual(2_000);
    for (const blocks of layout) {
      expect(blocks.filter(({ state }) => state === "failed")).toHaveLength(1);
      expect(blocks.reduce((sum, { count }) => sum + count, 0)).toBe(40_000);
    }
  });
});

describe("drawingOrder", () => {
  test("draws the worst last, so that no neighbour covers it", () => {
    fc.assert(
      fc.property(lane, view, width, (intervals, range, widthPx) => {
        const blocks = layoutLane(intervals, range, widthPx, NOW);
        const drawn = drawingOrder(blocks);
        expect(drawn).toHaveLength(blocks.length);
        for (const [i, block] of drawn.entries()) {
          const next = drawn[i + 1];
          if (next) expect(worseStatus(block.state, next.state)).toBe(next.state);
        }
      }),
    );
  });
});

describe("blockAt", () => {
  test("a narrow failure can be hit beside a wide block", () => {
    const intervals: Stretch[] = [
      { from: iso(START), to: iso(START + 500_000), state: "trusted", verdicts: 9 },
      { from: iso(START + 500_000), to: iso(START + 500_100), state: "failed", verdicts: 1 },
      { from: iso(START + 500_100), to: iso(START + 1_000_000), state: "trusted", verdicts: 9 },
    ];
    const blocks = layoutLane(intervals, { fromMs: START, toMs: START + 1_000_000 }, 1_000, NOW);
    expect(blockAt(blocks, 498)?.state).toBe("failed");
    expect(blockAt(blocks, 300)?.state).toBe("trusted");
    expect(blockAt(blocks, 1_200)).toBeNull();
  });
});

describe("clusterEvents", () => {
  test("every event in the range is in exactly one marker, markers keep their distance, the worst outcome shows", () => {
    const events = fc
      .array(
        fc.record({
          atMs: fc.integer({ min: 0, max: 1_000_000 }),
          outcome: fc.constantFrom("success", "failure", "denied", "pending", "info"),
        }),
        { maxLength: 200 },
      )
      .map((list) =>
        list
          .sort((a, b) => a.atMs - b.atMs)
          .map(
            ({ atMs, outcome }, i) => ({ id: String(i), occurredAt: iso(START + atMs), outcome }) as const,
          ),
      );
    fc.assert(
      fc.property(events, width, (list, widthPx) => {
        const markers = clusterEvents(list, { fromMs: START, toMs: START + 1_000_001 }, widthPx);
        expect(markers.flatMap(({ ids }) => ids)).toEqual(list.map(({ id }) => id));
        for (const [i, { xPx, ids, outcome }] of markers.entries()) {
          const next = markers[i + 1];
          if (next) expect(next.xPx - xPx).toBeGreaterThanOrEqual(14);
          const outcomes = list.filter(({ id }) => ids.includes(id)).map((event) => event.outcome);
          if (outcomes.includes("failure")) expect(outcome).toBe("failure");
        }
      }),
    );
  });
});
