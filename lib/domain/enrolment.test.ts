import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENROLMENT_VERDICTS, type EnrolmentDecision, holdLine, refuseDecision } from "./enrolment.ts";
import type { FusedInterval } from "./fuse.ts";
import { LANE_STATES } from "./trust-status.ts";

const policyVersion = "default@1";
const line: FusedInterval[] = [
  { fromMs: 0, toMs: 50, state: "pending", reason: "No verdict yet", policyVersion },
  { fromMs: 50, toMs: null, state: "trusted", reason: "Verified good", policyVersion },
];

const steps = fc
  .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 })
  .map((at) => at.sort((a, b) => a - b));
const lines = steps.chain((at) =>
  fc.tuple(...at.map(() => fc.constantFrom(...LANE_STATES))).map((states) =>
    at.map(
      (fromMs, index): FusedInterval => ({
        fromMs,
        toMs: at[index + 1] ?? null,
        state: states[index] ?? "pending",
        reason: `reason ${index}`,
        policyVersion,
      }),
    ),
  ),
);
const decisions = steps.chain((at) =>
  fc
    .tuple(...at.map(() => fc.constantFrom(...ENROLMENT_VERDICTS)))
    .map((states) =>
      at.map(
        (atMs, index): EnrolmentDecision => ({ atMs, state: states[index] ?? "paused", reason: "because" }),
      ),
    ),
);
const at = (some: readonly FusedInterval[], ms: number) =>
  some.find(({ fromMs, toMs }) => fromMs <= ms && (toMs === null || ms < toMs));

describe("a node that waits for a decision", () => {
  it("is pending and says so, although its verdicts are good", () => {
    expect(holdLine(line, [])).toEqual([
      {
        fromMs: 0,
        toMs: null,
        state: "pending",
        reason: "Waiting for a decision on its enrolment",
        policyVersion,
      },
    ]);
  });

  it("is what its evidence says from the instant of acceptance on, and pending again when paused", () => {
    const held = holdLine(line, [
      { atMs: 100, state: "accepted", reason: "known" },
      { atMs: 200, state: "paused", reason: "odd firmware" },
    ]);
    expect(held.map(({ fromMs, toMs, state, reason }) => [fromMs, toMs, state, reason])).toEqual([
      [0, 100, "pending", "Waiting for a decision on its enrolment"],
      [100, 200, "trusted", "Verified good"],
      [200, null, "pending", "Enrolment paused: odd firmware"],
    ]);
  });

  it("is never trusted outside of an acceptance, and never better than its evidence", () => {
    fc.assert(
      fc.property(lines, decisions, fc.integer({ min: 0, max: 120 }), (some, made, ms) => {
        const before = at(some, ms);
        const held = at(holdLine(some, made), ms);
        const decision = made.findLast(({ atMs }) => atMs <= ms);
        expect(held === undefined).toBe(before === undefined);
        if (!held || !before) return;
        if (decision?.state === "accepted")
          expect(held).toMatchObject({ state: before.state, reason: before.reason });
        else {
          expect(held.state).not.toBe("trusted");
          if (before.state !== "trusted") expect(held.state).toBe(before.state);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("has a line without holes and without equal neighbours", () => {
    fc.assert(
      fc.property(lines, decisions, (some, made) => {
        const held = holdLine(some, made);
        held.forEach(({ toMs, state, reason }, index) => {
          const next = held[index + 1];
          expect(toMs).toBe(next?.fromMs ?? some.at(-1)?.toMs);
          if (next) expect([next.state, next.reason]).not.toEqual([state, reason]);
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a decision", () => {
  it("is refused when it changes nothing, can be taken back, and a pause never undoes a denial", () => {
    for (const from of ENROLMENT_VERDICTS)
      for (const to of ENROLMENT_VERDICTS) {
        const allowed = from !== to && !(from === "denied" && to === "paused");
        expect(refuseDecision(from, to) === null).toBe(allowed);
      }
    for (const to of ENROLMENT_VERDICTS) expect(refuseDecision("waiting", to)).toBeNull();
  });
});
