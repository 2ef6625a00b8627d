import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RULES } from "./drift-rules.ts";
import {
  RULES_BEHIND_WINDOW,
  refuseWindow,
  WINDOW_LIMITS,
  type WindowCourse,
  windowEnd,
  windowState,
} from "./maintenance.ts";

const NOW = 1_000_000_000_000;
const around = fc.integer({ min: NOW - 2 * WINDOW_LIMITS.aheadMs, max: NOW + 2 * WINDOW_LIMITS.aheadMs });

describe("a maintenance window", () => {
  it("is running exactly while it holds and nobody ended it", () => {
    const courses = fc
      .record({ fromMs: around, length: fc.integer({ min: 1, max: 1e9 }), endedMs: fc.option(around) })
      .map(({ fromMs, length, endedMs }): WindowCourse => ({ fromMs, toMs: fromMs + length, endedMs }))
      // Nobody ends one later than now.
      .filter(({ endedMs }) => endedMs === null || endedMs <= NOW);
    fc.assert(
      fc.property(courses, (course) => {
        const holds = course.fromMs <= NOW && NOW < windowEnd(course);
        expect(windowState(course, NOW) === "running").toBe(holds);
        if (windowState(course, NOW) === "planned") expect(course.fromMs).toBeGreaterThan(NOW);
      }),
    );
  });

  it("that can be planned lies ahead, has an end after its beginning, and is bounded", () => {
    fc.assert(
      fc.property(around, around, (fromMs, toMs) => {
        if (refuseWindow({ fromMs, toMs }, NOW)) return;
        expect(fromMs).toBeGreaterThanOrEqual(NOW);
        expect(fromMs - NOW).toBeLessThanOrEqual(WINDOW_LIMITS.aheadMs);
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs - fromMs).toBeLessThanOrEqual(WINDOW_LIMITS.lengthMs);
      }),
    );
  });

  it("can be planned up to each limit and not beyond it", () => {
    const { aheadMs, lengthMs } = WINDOW_LIMITS;
    const asked = (fromMs: number, length: number) =>
      refuseWindow({ fromMs: NOW + fromMs, toMs: NOW + fromMs + length }, NOW)?.field ?? null;
    expect([asked(0, 1), asked(aheadMs, lengthMs)]).toEqual([null, null]);
    expect([asked(-1, 2), asked(aheadMs + 1, 1)]).toEqual(["from", "from"]);
    expect([asked(0, 0), asked(0, lengthMs + 1)]).toEqual(["until", "until"]);
  });

  it("comes before some rules that raise something, and never before the loss of a protection", () => {
    expect([...RULES_BEHIND_WINDOW]).toEqual([
      "downgrade",
      "boot-chain",
      "system-file",
      "role-gained",
      "unexplained",
    ]);
    for (const lost of [
      "secure-boot-off",
      "revocations-lost",
      "trust-anchor",
      "debug-on",
      "cmdline-weakened",
    ]) {
      expect(RULES.some(({ id }) => id === lost)).toBe(true);
      expect(RULES_BEHIND_WINDOW.has(lost)).toBe(false);
    }
  });
});
