import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterFailure, afterSuccess, breakerOf, firstPace, OPEN_AFTER } from "./pace.ts";

const INTERVAL = { minMs: 10_000, maxMs: 30_000 };
const at = (nowMs: number, random = 0.5) => ({ nowMs, random });
const calm = { changed: false, waitMs: null };

describe("the interval", () => {
  it("slows down while nothing moves, up to its bound, and is short again when something does", () => {
    let pace = firstPace(INTERVAL, 0);
    const waits: number[] = [];
    for (const changed of [false, false, false, false, true]) {
      pace = afterSuccess(pace, { ...calm, changed }, INTERVAL, at(0));
      waits.push(pace.nextAtMs);
    }
    expect(waits).toEqual([15_000, 22_500, 30_000, 30_000, 10_000]);
  });

  it("is as long as the collector says when it says so", () => {
    expect(afterSuccess(firstPace(INTERVAL, 0), { ...calm, waitMs: 7 }, INTERVAL, at(100)).nextAtMs).toBe(
      107,
    );
  });
});

describe("failures", () => {
  it("double the wait, then open the breaker, for ten minutes at most", () => {
    let pace = firstPace(INTERVAL, 0);
    const waits: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      pace = afterFailure(pace, at(0, 1));
      waits.push(pace.nextAtMs / 1000);
      expect(breakerOf(pace, 0)).toBe(count + 1 < OPEN_AFTER ? "closed" : "open");
    }
    expect(waits).toEqual([1, 2, 4, 8, 30, 60, 120, 240, 480, 600, 600, 600]);
    expect(breakerOf(pace, pace.nextAtMs)).toBe("half_open");
    expect(breakerOf(afterSuccess(pace, calm, INTERVAL, at(0)), 0)).toBe("closed");
  });

  it("wait at least half of their step and never more than all of it, whatever the dice say", () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (count, random) => {
          const pace = { intervalMs: 1, failures: count, nextAtMs: 0 };
          const most = afterFailure(pace, at(0, 1)).nextAtMs;
          const wait = afterFailure(pace, at(0, random)).nextAtMs;
          expect(wait).toBeGreaterThanOrEqual(Math.floor(most / 2));
          expect(wait).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});
