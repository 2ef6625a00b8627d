import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AutomaticFacts, type FailedEvidence, isHardwareRooted, judgeFailure } from "./automatic.ts";

const bad = (more: Partial<FailedEvidence> = {}): FailedEvidence => ({
  vector: [0, 0, 96, 0, 0, 0, 0, 0],
  coverage: ["measured_boot"],
  freshness: "evidence",
  ...more,
});
const clear: AutomaticFacts = {
  evidence: [bad()],
  lifeCycle: null,
  quorum: null,
  paused: null,
  breaker: null,
  storm: null,
  budget: 3,
  perWindow: 3,
  recipe: null,
  blastRadius: null,
};

describe("evidence that is rooted in hardware", () => {
  it.each([
    ["measured by a root of trust and known to be bad", bad(), true],
    ["about the machine itself", bad({ vector: [0, 0, 0, 0, 96, 0, 0, 0], coverage: [] }), true],
    ["measured by software", bad({ coverage: ["runtime_integrity"] }), false],
    ["of an unknown age", bad({ freshness: "result_only" }), false],
    ["not recognised", bad({ vector: [97, 0, 33, 32, 97, 0, 0, 0] }), false],
    ["that could not be verified", bad({ vector: [99, 99, 99, 99, 99, 99, 99, 99] }), false],
    ["a warning", bad({ vector: [0, 0, 33, 0, 0, 0, 0, 0] }), false],
  ])("%s", (_name, evidence, rooted) => {
    expect(isHardwareRooted(evidence)).toBe(rooted);
  });
});

describe("judging a failure", () => {
  it("acts when nothing speaks against it", () => {
    expect(judgeFailure(clear).heldBy).toBeNull();
  });

  it.each([
    ["not_hardware", { evidence: [] }],
    ["life_cycle", { lifeCycle: "no" }],
    ["critical", { quorum: "the control plane" }],
    ["paused", { paused: "no" }],
    ["breaker", { breaker: "no" }],
    ["storm", { storm: "no" }],
    ["budget", { budget: 0 }],
    ["recipe", { recipe: "no" }],
    ["blast_radius", { blastRadius: "no" }],
  ])("is held by %s alone", (hold, against) => {
    expect(judgeFailure({ ...clear, ...against }).heldBy).toBe(hold);
  });

  it("is held by anything that speaks against it, whatever else is so", () => {
    const hold = fc.record(
      {
        evidence: fc.constant([]),
        lifeCycle: fc.constant("no"),
        quorum: fc.constant("the control plane"),
        paused: fc.constant("no"),
        breaker: fc.constant("no"),
        storm: fc.constant("no"),
        budget: fc.constantFrom(0, -1),
        recipe: fc.constant("no"),
        blastRadius: fc.constant("no"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(hold, (against) => {
        const { heldBy, why } = judgeFailure({ ...clear, ...against });
        expect(heldBy === null).toBe(Object.keys(against).length === 0);
        expect(why.length).toBeGreaterThan(0);
      }),
    );
  });
});
