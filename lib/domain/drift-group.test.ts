import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DRIFT_CLASSES, type DriftClass } from "./drift.ts";
import {
  GROUP_STATES,
  type GroupFacts,
  groupStep,
  isDecidable,
  isSnoozed,
  type LiveGroup,
  pastSentence,
  priorityOf,
  QUIET_MS,
  rankOf,
  spreadPerHour,
  spreadSeries,
  suggestionOf,
  urgencyOf,
} from "./drift-group.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const HOUR = 3_600_000;
const at = { acceptedBefore: false, nowMs: NOW };
const facts = (given: Partial<GroupFacts> = {}): GroupFacts => ({
  open: 1,
  settled: 1,
  excepted: 0,
  firstMs: NOW - HOUR,
  spreadMs: NOW - HOUR,
  goneMs: NOW,
  ...given,
});
const gone = (sinceMs: number) => facts({ open: 0, settled: 0, goneMs: NOW - sinceMs });
const group = (given: Partial<LiveGroup> = {}): LiveGroup => ({
  state: "undecided",
  endedMs: null,
  groundGone: false,
  ...given,
});
const someState = fc.constantFrom(...GROUP_STATES);
const someFacts = fc.option(
  fc.record({
    open: fc.nat({ max: 3 }),
    settled: fc.nat({ max: 3 }),
    excepted: fc.nat({ max: 3 }),
    firstMs: fc.constant(NOW - HOUR),
    spreadMs: fc.constant(NOW - HOUR),
    goneMs: fc.integer({ min: NOW - HOUR, max: NOW }),
  }),
  { nil: null },
);

describe("a change", () => {
  it("that nobody saw before is undecided", () => {
    expect(groupStep(null, facts(), at)).toEqual({ do: "open", state: "undecided", link: null });
  });

  it("of a path whose other value was accepted has regressed, and is linked", () => {
    const step = groupStep(null, facts(), { ...at, acceptedBefore: true });
    expect(step).toEqual({ do: "open", state: "regressed", link: "changed_again" });
  });

  it("that is only ever seen in the past is on record as over", () => {
    expect(groupStep(null, gone(QUIET_MS), at)).toMatchObject({ do: "open", state: "resolved" });
  });

  it("that an exception covers from the beginning needs no group", () => {
    expect(groupStep(null, facts({ open: 0, settled: 0, excepted: 3 }), at)).toEqual({ do: "nothing" });
  });

  it("that is gone is over after the quiet time and not before", () => {
    expect(groupStep(group(), gone(QUIET_MS - 1), at)).toEqual({ do: "keep", state: "undecided" });
    expect(groupStep(group(), gone(QUIET_MS), at)).toEqual({ do: "end", state: "resolved" });
    expect(groupStep(group({ state: "accepted" }), gone(QUIET_MS), at)).toEqual({
      do: "end",
      state: "accepted",
    });
  });

  it("whose findings are believed no more is over at once", () => {
    expect(groupStep(group(), null, at)).toEqual({ do: "end", state: "resolved" });
  });

  it("that somebody excepted everywhere becomes ignored", () => {
    const excepted = facts({ open: 0, settled: 0, excepted: 2 });
    expect(groupStep(group(), excepted, at)).toEqual({ do: "keep", state: "ignored" });
  });

  it("that is ignored stays so while its nodes wait to be compared again", () => {
    const waiting = facts({ open: 5, settled: 0 });
    expect(groupStep(group({ state: "ignored" }), waiting, at)).toEqual({ do: "keep", state: "ignored" });
  });

  it.each([
    ["its exception is over", true, "exception_over"],
    ["it is found where the exception does not reach", false, "beyond_exception"],
  ])("that is ignored is followed by a new group when %s", (_why, groundGone, link) => {
    expect(groupStep(group({ state: "ignored", groundGone }), facts(), at)).toEqual({ do: "follow", link });
  });

  it("that was accepted is followed by a new group when the draft is withdrawn", () => {
    const withdrawn = group({ state: "accepted", groundGone: true });
    expect(groupStep(withdrawn, facts(), at)).toEqual({ do: "follow", link: "draft_withdrawn" });
    expect(groupStep(group({ state: "accepted" }), facts(), at)).toEqual({ do: "keep", state: "accepted" });
  });

  it("whose group is over never opens it again: a new one follows it", () => {
    fc.assert(
      fc.property(someState, fc.boolean(), someFacts, (state, groundGone, seen) => {
        const step = groupStep(group({ state, endedMs: NOW - HOUR, groundGone }), seen, at);
        expect(["nothing", "open"]).toContain(step.do);
        if (step.do === "open") expect(step.link).toBe("recurred");
      }),
    );
  });

  it("is never decided by the passage of time, whatever is seen", () => {
    fc.assert(
      fc.property(someState, fc.boolean(), someFacts, (state, groundGone, seen) => {
        const step = groupStep(group({ state, groundGone }), seen, at);
        if (step.do === "keep" && step.state !== state) {
          expect(step.state).toBe("ignored");
          expect(seen).toMatchObject({ open: 0 });
        }
        if (step.do === "end") expect(seen === null || seen.open === 0 || state === "resolved").toBe(true);
      }),
    );
  });

  it("is stepped again to the same end: a worker that died may run twice", () => {
    fc.assert(
      fc.property(someState, someFacts, (state, seen) => {
        const first = groupStep(group({ state }), seen, at);
        if (first.do === "keep")
          expect(groupStep(group({ state: first.state }), seen, at).do).not.toBe("open");
        if (first.do === "end" && seen === null) {
          expect(groupStep(group({ state: first.state, endedMs: NOW }), seen, at)).toEqual({ do: "nothing" });
        }
      }),
    );
  });

  it("can be decided while it is open and undecided, or being remediated", () => {
    const open = GROUP_STATES.filter((state) => isDecidable(group({ state })));
    expect(open).toEqual(["undecided", "regressed", "remediating"]);
    expect(isDecidable(group({ endedMs: NOW }))).toBe(false);
  });
});

describe("priority", () => {
  const someClass = fc.constantFrom<DriftClass>(...DRIFT_CLASSES);
  const some = fc.record({
    score: fc.integer({ min: 1, max: 200 }),
    nodes: fc.integer({ min: 1, max: 10_000 }),
    worst: someClass,
  });

  it("never falls when a change weighs more, spreads or is explained less", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const worse = {
          score: Math.max(a.score, b.score),
          nodes: Math.max(a.nodes, b.nodes),
          worst: rankOf(a.worst) > rankOf(b.worst) ? a.worst : b.worst,
        };
        expect(priorityOf(worse)).toBeGreaterThanOrEqual(Math.max(priorityOf(a), priorityOf(b)));
      }),
    );
  });

  it("is urgent for one malicious-like finding and low for one configuration file", () => {
    expect(urgencyOf(priorityOf({ score: 100, nodes: 1, worst: "malicious_like" }))).toBe("urgent");
    expect(urgencyOf(priorityOf({ score: 5, nodes: 1, worst: "unexplained" }))).toBe("low");
    expect(urgencyOf(priorityOf({ score: 5, nodes: 1_000, worst: "unexplained" }))).toBe("medium");
    expect(priorityOf({ score: 100, nodes: 9_000, worst: "authorised" })).toBe(0);
  });
});

describe("spread", () => {
  it("counts the nodes of the last hour", () => {
    expect(spreadPerHour([NOW - 2 * HOUR, NOW - HOUR, NOW - HOUR + 1, NOW], NOW)).toBe(2);
  });

  it("puts every node within the window into exactly one bucket", () => {
    const instants = fc.array(fc.integer({ min: NOW - 2 * HOUR, max: NOW + HOUR }));
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 60 }), (seen, buckets) => {
        const series = spreadSeries(seen, { fromMs: NOW - HOUR, toMs: NOW, buckets });
        expect(series).toHaveLength(buckets);
        const within = seen.filter((one) => one >= NOW - HOUR && one <= NOW).length;
        expect(series.reduce((sum, count) => sum + count, 0)).toBe(within);
      }),
    );
  });
});

describe("a snoozed group", () => {
  const snooze = { untilMs: NOW + HOUR, nodes: 3, rank: rankOf("unexplained") };
  const now = { nodes: 3, worst: "unexplained" as const };

  it("sleeps until its instant", () => {
    expect(isSnoozed(snooze, now, NOW)).toBe(true);
    expect(isSnoozed(snooze, now, NOW + HOUR)).toBe(false);
    expect(isSnoozed(null, now, NOW)).toBe(false);
  });

  it("wakes when it spreads or gets worse", () => {
    expect(isSnoozed(snooze, { ...now, nodes: 4 }, NOW)).toBe(false);
    expect(isSnoozed(snooze, { ...now, worst: "malicious_like" }, NOW)).toBe(false);
    expect(isSnoozed(snooze, { nodes: 1, worst: "benign" }, NOW)).toBe(true);
  });
});

describe("a suggestion", () => {
  it.each([
    [{ record: 0, ignore: 3, remediate: 0 }, "unexplained", "ignore"],
    [{ record: 4, ignore: 1, remediate: 0 }, "unexplained", "record"],
    [{ record: 0, ignore: 2, remediate: 0 }, "unexplained", null],
    [{ record: 3, ignore: 3, remediate: 0 }, "unexplained", null],
    [{ record: 0, ignore: 9, remediate: 0 }, "malicious_like", null],
    [{ record: 9, ignore: 0, remediate: 0 }, "malicious_like", null],
    [{ record: 0, ignore: 0, remediate: 3 }, "malicious_like", "remediate"],
  ] as const)("of %j for what is %s is %s", (past, worst, verb) => {
    expect(suggestionOf(past, worst)).toBe(verb);
  });

  it("says its evidence", () => {
    expect(pastSentence({ ignore: 3, record: 0, remediate: 1 })).toBe(
      "3 times ignored, 0 times accepted, 1 time remediated for this path and layer",
    );
  });
});
