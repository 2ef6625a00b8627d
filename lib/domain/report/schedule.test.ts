import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beginningWith,
  CATCH_UP_MAX,
  comingPeriods,
  DUE_DAYS_MAX,
  dueAt,
  duePeriods,
  lastOver,
  newestDue,
  type Period,
  periodAround,
  REPORT_PERIODS,
  type ScheduleRule,
} from "./schedule.ts";

const ms = (iso: string) => Date.parse(`${iso}Z`);
const iso = ({ from, to }: Period) => [from, to].map((at) => new Date(at).toISOString().slice(0, 16));

const instants = fc.integer({ min: Date.UTC(1999, 0), max: Date.UTC(2101, 0) });
const rules = fc.record({
  every: fc.constantFrom(...REPORT_PERIODS),
  dueDays: fc.integer({ min: 0, max: DUE_DAYS_MAX }),
  dueHour: fc.integer({ min: 0, max: 23 }),
});

/** What a worker does that looks at these instants one after the other. */
function worked(rule: ScheduleRule, startMs: number, looks: readonly number[]) {
  let handledTo = beginningWith(rule, startMs, null);
  const [made, missed]: [Period[], Period[]] = [[], []];
  for (const nowMs of looks) {
    for (;;) {
      const due = duePeriods(rule, handledTo, nowMs);
      for (const period of due.make) expect(dueAt(rule, period)).toBeLessThanOrEqual(nowMs);
      made.push(...due.make);
      missed.push(...due.missed);
      handledTo = due.handledTo;
      if (due.nextAt > nowMs) break;
    }
  }
  return { made, missed, handledTo };
}

describe("periods of reports", () => {
  it("hold the instant that they are asked for, and tile time", () => {
    fc.assert(
      fc.property(fc.constantFrom(...REPORT_PERIODS), instants, (every, at) => {
        const { from, to } = periodAround(every, at);
        expect(from <= at && at < to).toBe(true);
        expect(periodAround(every, from)).toEqual({ from, to });
        expect(periodAround(every, to - 1)).toEqual({ from, to });
        expect(periodAround(every, to).from).toBe(to);
        expect(new Date(from).toISOString()).toContain("T00:00:00.000Z");
      }),
    );
  });

  it("begin where the calendar says", () => {
    fc.assert(
      fc.property(instants, (at) => {
        const day = new Date(at);
        const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
        const first = month - (month % 3);
        expect(periodAround("month", at)).toEqual({
          from: Date.UTC(year, month),
          to: Date.UTC(year, month + 1),
        });
        expect(periodAround("quarter", at)).toEqual({
          ...{ from: Date.UTC(year, first), to: Date.UTC(year, first + 3) },
        });
        expect(new Date(periodAround("week", at).from).getUTCDay()).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["week", "2024-02-29T12:00", "2024-02-26T00:00", "2024-03-04T00:00"],
    ["week", "2026-01-01T00:00", "2025-12-29T00:00", "2026-01-05T00:00"],
    ["week", "2026-10-25T23:59", "2026-10-19T00:00", "2026-10-26T00:00"],
    ["month", "2024-02-29T23:59", "2024-02-01T00:00", "2024-03-01T00:00"],
    ["month", "2100-02-28T23:59", "2100-02-01T00:00", "2100-03-01T00:00"],
    ["month", "2026-12-31T23:59", "2026-12-01T00:00", "2027-01-01T00:00"],
    ["quarter", "2026-12-31T23:59", "2026-10-01T00:00", "2027-01-01T00:00"],
    ["quarter", "2027-01-01T00:00", "2027-01-01T00:00", "2027-04-01T00:00"],
  ] as const)("a %s around %s goes from %s to %s", (every, at, from, to) => {
    expect(iso(periodAround(every, ms(at)))).toEqual([from, to]);
  });

  it("are as long in the weeks in which clocks are turned as in others", () => {
    for (const turned of ["2026-03-29T01:30", "2026-10-25T01:30"]) {
      const { from, to } = periodAround("week", ms(turned));
      expect(to - from).toBe(7 * 86_400_000);
    }
  });

  it("are over before they are asked about by hand", () => {
    expect(iso(lastOver("month", ms("2026-03-01T00:00")))).toEqual(["2026-02-01T00:00", "2026-03-01T00:00"]);
    fc.assert(
      fc.property(fc.constantFrom(...REPORT_PERIODS), instants, (every, at) => {
        const { to } = lastOver(every, at);
        expect(to <= at && at < periodAround(every, to).to).toBe(true);
      }),
    );
  });
});

describe("a schedule", () => {
  it("begins with the first period that is due after it was made", () => {
    fc.assert(
      fc.property(rules, instants, (rule, startMs) => {
        const begin = beginningWith(rule, startMs, null);
        const [first] = comingPeriods(rule, begin, 1) as [Period];
        expect(dueAt(rule, first)).toBeGreaterThan(startMs);
        expect(dueAt(rule, newestDue(rule, startMs))).toBeLessThanOrEqual(startMs);
        expect(newestDue(rule, startMs).to).toBe(first.from);
      }),
    );
  });

  it("handles every period exactly once and in order, however rarely it is looked at", () => {
    fc.assert(
      fc.property(
        rules,
        instants,
        fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 30 }),
        (...given) => {
          const [rule, startMs, pauses] = given;
          let at = startMs;
          const looks = pauses.map((days) => {
            at += days * 86_400_000;
            return at;
          });
          const { made, missed, handledTo } = worked(rule, startMs, looks);
          const all = [...made, ...missed].sort((a, b) => a.from - b.from);
          expect(all).toEqual(comingPeriods(rule, beginningWith(rule, startMs, null), all.length));
          expect(handledTo).toBe(all.at(-1)?.to ?? beginningWith(rule, startMs, null));
          if (looks.length > 0) expect(handledTo).toBe(newestDue(rule, at).to);
        },
      ),
    );
  });

  it("makes everything when it is looked at often, and nothing twice when clocks go back", () => {
    fc.assert(
      fc.property(rules, instants, fc.integer({ min: 1, max: 40 }), (rule, startMs, weeks) => {
        const looks = Array.from({ length: weeks * 7 }, (_, day) => startMs + day * 86_400_000);
        const back = looks.flatMap((at) => [at, at - 3 * 86_400_000]);
        const { made, missed } = worked(rule, startMs, back);
        expect(missed).toEqual([]);
        expect(made).toEqual(worked(rule, startMs, looks).made);
      }),
    );
  });

  it("makes up for the last three after it was away, and lists the rest as missed", () => {
    const rule = { every: "week", dueDays: 0, dueHour: 6 } as const;
    const start = ms("2020-01-06T07:00");
    const { made, missed } = worked(rule, start, [ms("2026-01-05T06:00")]);
    expect(made.map(iso)).toEqual([
      ["2025-12-15T00:00", "2025-12-22T00:00"],
      ["2025-12-22T00:00", "2025-12-29T00:00"],
      ["2025-12-29T00:00", "2026-01-05T00:00"],
    ]);
    expect(made).toHaveLength(CATCH_UP_MAX);
    expect(missed).toHaveLength(313 - CATCH_UP_MAX);
  });

  it("is due to the hour, and not a millisecond before", () => {
    const rule = { every: "month", dueDays: 2, dueHour: 6 } as const;
    const handled = ms("2024-02-01T00:00");
    const due = ms("2024-03-03T06:00");
    expect(duePeriods(rule, handled, due - 1)).toMatchObject({ make: [], missed: [], nextAt: due });
    expect(duePeriods(rule, handled, due).make.map(iso)).toEqual([["2024-02-01T00:00", "2024-03-01T00:00"]]);
  });

  it("never handles again what was handled before it was changed", () => {
    fc.assert(
      fc.property(
        rules,
        rules,
        instants,
        fc.integer({ min: 0, max: 900 }),
        (before, after, startMs, days) => {
          const changedMs = startMs + days * 86_400_000;
          const { handledTo } = worked(before, startMs, [changedMs]);
          const begin = beginningWith(after, changedMs, handledTo);
          for (const period of comingPeriods(after, begin, 5)) {
            expect(period.to).toBeGreaterThan(handledTo);
            expect(dueAt(after, period)).toBeGreaterThan(changedMs);
          }
        },
      ),
    );
  });
});
