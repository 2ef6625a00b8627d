import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CHANGE_DECISIONS,
  CHANGE_STATES,
  canonicalJson,
  type DecidableChange,
  decide,
  personOf,
  stateAt,
} from "./change-request.ts";

const PLAN = "a".repeat(64);
const OTHER = "b".repeat(64);
const request = (more: Partial<DecidableChange> = {}): DecidableChange => ({
  state: "pending",
  proposer: "ana",
  planHash: PLAN,
  expiresAtMs: 1_000,
  ...more,
});
const ben = { person: "ben", mayDecide: true };
const same = { seen: PLAN, current: PLAN };

describe("a vote on a change request", () => {
  it("approves or denies when a second person who may decide votes in time for the plan", () => {
    expect(decide(request(), ben, "approve", same, 999)).toEqual({ ok: true, state: "applied" });
    expect(decide(request(), ben, "deny", same, 999)).toEqual({ ok: true, state: "denied" });
  });

  it("denies whatever became of the plan: then nothing is done", () => {
    expect(decide(request(), ben, "deny", { seen: OTHER, current: OTHER }, 0)).toEqual({
      ok: true,
      state: "denied",
    });
  });

  it.each([
    ["expired", request(), ben, same, 1_000],
    ["own-request", request(), { ...ben, person: "ana" }, same, 0],
    ["role-lost", request(), { ...ben, mayDecide: false }, same, 0],
    ["plan-changed", request(), ben, { seen: OTHER, current: PLAN }, 0],
    ["plan-changed", request(), ben, { seen: PLAN, current: OTHER }, 0],
    ["plan-changed", request(), ben, { seen: OTHER, current: OTHER }, 0],
    ["already-decided", request({ state: "applied" }), ben, same, 0],
    ["already-decided", request({ state: "denied" }), ben, same, 0],
    ["already-decided", request({ state: "cancelled" }), ben, same, 0],
    ["already-decided", request({ state: "expired" }), ben, same, 0],
  ] as const)("does not count: %s", (refusal, change, voter, plans, nowMs) => {
    expect(decide(change, voter, "approve", plans, nowMs)).toEqual({ ok: false, refusal });
  });

  // The guarantee itself, over every sequence of votes and not just the cases above.
  it("is applied only by one eligible vote of another person, in time, for the proposed plan, and once", () => {
    const vote = fc.record({
      person: fc.constantFrom("ana", "ben", "cat"),
      mayDecide: fc.boolean(),
      decision: fc.constantFrom(...CHANGE_DECISIONS),
      seen: fc.constantFrom(PLAN, OTHER),
      current: fc.constantFrom(PLAN, OTHER),
      waitMs: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(vote, { maxLength: 8 }), fc.constantFrom(...CHANGE_STATES), (votes, first) => {
        let change = request({ state: first });
        let nowMs = 0;
        let decided = 0;
        for (const { person, mayDecide, decision, seen, current, waitMs } of votes) {
          nowMs += waitMs;
          const outcome = decide(change, { person, mayDecide }, decision, { seen, current }, nowMs);
          if (!outcome.ok) continue;
          decided += 1;
          expect(first).toBe("pending");
          expect(person).not.toBe("ana");
          expect(mayDecide).toBe(true);
          expect(nowMs).toBeLessThan(1_000);
          expect(outcome.state).toBe(decision === "approve" ? "applied" : "denied");
          if (decision === "approve") expect([seen, current]).toEqual([PLAN, PLAN]);
          change = { ...change, state: outcome.state };
        }
        expect(decided).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the state that is shown", () => {
  it("is expired from the last instant on, also before anybody wrote it down", () => {
    expect(stateAt({ state: "pending", expiresAtMs: 10 }, 9)).toBe("pending");
    expect(stateAt({ state: "pending", expiresAtMs: 10 }, 10)).toBe("expired");
    expect(stateAt({ state: "applied", expiresAtMs: 10 }, 11)).toBe("applied");
  });
});

describe("the person behind an address", () => {
  it.each([
    ["Ana@Example.org", "ana@example.org"],
    ["ana+work@example.org", "ana@example.org"],
    [" ana+a+b@example.org ", "ana@example.org"],
    ["+a@example.org", "+a@example.org"],
    ["no address", "no address"],
  ])("of %s is %s", (email, person) => {
    expect(personOf(email)).toBe(person);
  });

  it("stays the same when it is asked for again", () => {
    fc.assert(fc.property(fc.emailAddress(), (email) => personOf(personOf(email)) === personOf(email)));
  });
});

describe("canonical JSON", () => {
  it("is the same text for equal values in any order of members, and reads back as the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        const parsed = JSON.parse(text) as unknown;
        expect(parsed).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(parsed))).toBe(text);
      }),
    );
  });

  it("leaves out what is not there", () => {
    expect(canonicalJson({ b: undefined, a: [null, undefined] })).toBe('{"a":[null,null]}');
  });
});

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
