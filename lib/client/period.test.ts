import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, dayWords, periodChoices, periodShown, wholeBounds } from "./period.ts";

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
    expect(periodChoices(NOW, null).map(({ value }) => value)).toEqual([
      ...["7d", "30d", "90d"],
      ...["2026q4", "2026q3", "2026q2", "2026q1", "2025q4"],
    ]);
  });
});

const REVIEW = { from: "2026-09-15T00:00:00.000Z", to: "2027-01-01T00:00:00.000Z" };
const WHOLE = `${REVIEW.from}/${REVIEW.to}`;

describe("periods of a review", () => {
  it("are all of it, which ends now, and each of its months", () => {
    const choices = periodChoices(NOW, REVIEW);
    expect(choices.map(({ label }) => label)).toEqual([
      "The whole review, 2026-09-15 to 2026-12-31",
      ...["2026-10", "2026-11"],
    ]);
    expect(boundsOf(choices[0]?.value ?? "", NOW)).toEqual({
      from: REVIEW.from,
      to: "2026-11-28T12:00:00.000Z",
    });
    expect(boundsOf(choices[1]?.value ?? "", NOW)).toEqual({
      from: "2026-10-01T00:00:00.000Z",
      to: "2026-11-01T00:00:00.000Z",
    });
  });

  it("are shown where another period was named, or none", () => {
    expect(periodShown(undefined, REVIEW, NOW)).toBe(WHOLE);
    expect(periodShown("2026q3", REVIEW, NOW)).toBe(WHOLE);
    expect(periodShown("90d", REVIEW, NOW)).toBe(WHOLE);
    expect(periodShown("2026q4", REVIEW, NOW)).toBe("2026q4");
    expect(periodShown("2026q4", null, NOW)).toBe("2026q4");
    expect(periodShown(undefined, null, NOW)).toBe("30d");
  });

  it("lie in the review, whatever is named and whenever", () => {
    const whenever = fc.integer({ min: Date.parse(REVIEW.from) + 1, max: Date.UTC(2030, 0, 1) });
    const name = fc.oneof(fc.string(), fc.constantFrom("7d", "30d", "2026q4", "2026q3", WHOLE));
    fc.assert(
      fc.property(name, whenever, (named, nowMs) => {
        const { from, to } = boundsOf(periodShown(named, REVIEW, nowMs), nowMs);
        expect(from >= REVIEW.from && to <= REVIEW.to && from < to).toBe(true);
      }),
    );
  });
});

describe("whole periods", () => {
  it("are quarters and intervals, over or not, and nothing else", () => {
    expect(wholeBounds("2026q4")).toEqual({ from: "2026-10-01T00:00:00.000Z", to: REVIEW.to });
    expect(wholeBounds(WHOLE)).toEqual(REVIEW);
    for (const name of ["30d", "", "2026q5", `${REVIEW.to}/${REVIEW.from}`, "2026-02-30T00:00:00.000Z/2027"])
      expect(wholeBounds(name)).toBeNull();
  });

  it("are told by their first and last day", () => {
    expect(dayWords(REVIEW)).toBe("2026-09-15 to 2026-12-31");
  });
});
