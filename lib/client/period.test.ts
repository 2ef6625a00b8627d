import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, periodChoices } from "./period.ts";

const NOW = Date.parse("2026-11-28T12:00:00.000Z");

describe("periods by name", () => {
  it("are quarters of the calendar in UTC", () => {
    expect(boundsOf("2026q3", NOW)).toEqual({
      from: "2026-07-01T00:00:00.000Z",
      to: "2026-10-01T00:00:00.000Z",
    });
  });

  it("end now when they are not over", () => {
    expect(boundsOf("2026q4", NOW).to).toBe(new Date(NOW).toISOString());
  });

  it("are the last 30 days when the name means nothing, or a time to come", () => {
    const recent = boundsOf("30d", NOW);
    expect(boundsOf("2027q1", NOW)).toEqual(recent);
    expect(boundsOf("constructor", NOW)).toEqual(recent);
    expect(boundsOf("", NOW)).toEqual(recent);
  });

  it("begin before they end and never end in the future, whatever is asked and whenever", () => {
    const whenever = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2090, 0, 1) });
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom("7d", "2026q1", "9999q4")),
        whenever,
        (name, nowMs) => {
          const { from, to } = boundsOf(name, nowMs);
          expect(Date.parse(from)).toBeLessThan(Date.parse(to));
          expect(Date.parse(to)).toBeLessThanOrEqual(nowMs);
        },
      ),
    );
  });

  it("offers this quarter and the four before it", () => {
    expect(periodChoices(NOW).map(({ value }) => value)).toEqual([
      ...["7d", "30d", "90d"],
      ...["2026q4", "2026q3", "2026q2", "2026q1", "2025q4"],
    ]);
  });
});
