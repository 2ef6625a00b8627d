import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUILT_IN_LIMITS, LIMIT_BOUNDS, LIMIT_NUMBERS } from "#lib/domain/remediation-limits";
import {
  draftOfLimits,
  type LimitValues,
  limitsOfDraft,
  poolSentence,
  quorumSentence,
} from "./limits-words.ts";

const BUILT_IN: LimitValues = {
  ...BUILT_IN_LIMITS,
  poolLabels: [...BUILT_IN_LIMITS.poolLabels],
  failureDomainLabels: [...BUILT_IN_LIMITS.failureDomainLabels],
  controlPlaneLabels: ["tier=control"],
};

describe("limits that are typed", () => {
  it("are what they were before they were typed", () => {
    const number = fc.constantFrom(...LIMIT_NUMBERS);
    fc.assert(
      fc.property(number, fc.nat(100), (name, offset) => {
        const [least, most] = LIMIT_BOUNDS[name];
        const limits = { ...BUILT_IN, [name]: least + (offset % (most - least + 1)) };
        expect(limitsOfDraft(draftOfLimits(limits))).toEqual(limits);
      }),
    );
  });

  it.each(["", " ", "x", "1.5", "0", "50"])("are none when a number is %o", (text) => {
    expect(limitsOfDraft({ ...draftOfLimits(BUILT_IN), poolPercent: text })).toBeNull();
  });
});

describe("what they allow, in words", () => {
  it("names what may be out and what is", () => {
    const pool = { name: "gpu", nodes: 23, mayBeAway: 2, away: 1, awayDomains: 1 };
    expect(poolSentence(pool, "pool gpu")).toBe("pool gpu: 2 of 23 may be out; 1 is.");
    expect(poolSentence({ ...pool, away: 0 }, "pool gpu")).toBe("pool gpu: 2 of 23 may be out; none is.");
    const quorum = { name: "cp", members: 3, away: 1, majority: 2, oneMore: false };
    expect(quorumSentence(quorum, "cp")).toBe(
      "cp: 3 members, 1 is out, 2 must stay; none may be acted on now.",
    );
  });
});
