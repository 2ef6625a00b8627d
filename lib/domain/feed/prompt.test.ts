import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCounted, isLate } from "./prompt.ts";

const MINUTE = 60_000;

describe("what is counted of a sink's facts", () => {
  it("is late after more than five minutes, and not after five", () => {
    expect(isLate({ knownMs: 0 }, 5 * MINUTE)).toBe(false);
    expect(isLate({ knownMs: 0 }, 5 * MINUTE + 1)).toBe(true);
  });

  it("is each fact once, however often the sink is set back, and none that was noted before the sink", () => {
    const told = fc.array(fc.record({ seq: fc.integer({ min: 1, max: 9 }), again: fc.nat({ max: 8 }) }));
    fc.assert(
      fc.property(told, fc.nat({ max: 9 }), (turns, fromMs) => {
        const counted: number[] = [];
        let through = 0;
        for (const { seq, again } of turns) {
          // A turn tells everything from some place on: where it was, or where it was set back to.
          for (let one = Math.min(again, through) + 1; one <= seq; one += 1) {
            if (isCounted({ seq: one, knownMs: one }, { fromMs, through })) counted.push(one);
          }
          through = Math.max(through, seq);
        }
        const all = Array.from({ length: through }, (_, index) => index + 1);
        expect(counted).toEqual(all.filter((seq) => seq >= fromMs));
      }),
    );
  });
});
