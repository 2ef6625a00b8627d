import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUILT_IN, DEFAULT_COURSE, decisionsFor, type PolicyCourse } from "#lib/policy/course";
import type { DriftInterval } from "./drift.ts";
import { type FuseGrounds, fuseLanes } from "./fuse.ts";
import type { Decide } from "./policy.ts";
import { LANE_STATES, type LaneState } from "./trust-status.ts";

const node = { id: "n1", name: "n1", labels: {}, identities: {} };
const statement = {
  outcome: "pending",
  tier: "none",
  vector: [],
  measurementDigest: null,
  kid: null,
} as const;

const lane = (label: string, ...steps: [number, LaneState][]) => ({
  ...{ label, source: label, kind: "", submod: "" },
  intervals: steps.map(([fromMs, state]) => ({
    ...{ fromMs, state, reason: `${label} ${state}`, afterFailure: false, hash: "h", statement },
  })),
});

const drift = (fromMs: number, toMs: number | null, effect: DriftInterval["effect"]) => ({
  ...{ label: "lab", source: "lab", submod: "" },
  intervals: [
    {
      ...{ fromMs, toMs, effect, score: 1, reason: "PCR 9", baselines: [] },
      worst: "unexplained" as const,
      findings: { authorised: 0, benign: 0, unexplained: 1, malicious_like: 0 },
    },
  ],
});

const grounds = (over: Partial<FuseGrounds>): FuseGrounds => ({
  ...{ node, seenFromMs: 0, lanes: [], drift: [], turns: [] },
  ...over,
});
const byDefault: Decide = (facts) => BUILT_IN.decide(facts);
const states = (over: Partial<FuseGrounds>, decide = byDefault) =>
  fuseLanes(grounds(over), decide).map(({ fromMs, state }) => [fromMs, state]);

describe("fuseLanes", () => {
  it("lets drift count while it lasts, and not a moment longer", () => {
    const lanes = [lane("lab", [0, "trusted"])];
    expect(states({ lanes, drift: [drift(10, 20, "degrade")] })).toEqual([
      [0, "trusted"],
      [10, "degraded"],
      [20, "trusted"],
    ]);
    expect(states({ lanes, drift: [drift(10, null, "fail")] })).toEqual([
      [0, "trusted"],
      [10, "failed"],
    ]);
    expect(states({ lanes, drift: [drift(10, 20, "note")] })).toEqual([[0, "trusted"]]);
  });

  it("asks again where something else begins to decide, and keeps what was decided before", () => {
    const decide: Decide = (facts, atMs) => ({
      ...BUILT_IN.decide(facts),
      policyVersion: atMs < 50 ? "a@1" : "b@1",
    });
    const line = fuseLanes(grounds({ lanes: [lane("lab", [0, "trusted"])], turns: [50] }), decide);
    expect(line.map(({ fromMs, toMs, policyVersion }) => [fromMs, toMs, policyVersion])).toEqual([
      [0, 50, "a@1"],
      [50, null, "b@1"],
    ]);
  });

  it("does not begin before anything was heard of the node", () => {
    expect(states({ lanes: [lane("lab", [100, "trusted"])], seenFromMs: 100, turns: [5] })).toEqual([
      [100, "trusted"],
    ]);
  });

  it("decides as a look at each single instant would", () => {
    const steps = fc
      .uniqueArray(fc.tuple(fc.nat(40), fc.constantFrom(...LANE_STATES)), {
        ...{ minLength: 1, maxLength: 6, selector: ([at]: [number, LaneState]) => at },
      })
      .map((some) => some.sort(([a], [b]) => a - b));
    const span = fc.tuple(fc.nat(40), fc.nat(20), fc.constantFrom("note", "degrade", "fail"));
    fc.assert(
      fc.property(steps, steps, span, (a, b, [from, lasts, effect]) => {
        const lanes = [lane("a", ...a), lane("b", ...b)];
        const drifting = [drift(from, from + lasts + 1, effect as "note")];
        const line = fuseLanes(grounds({ lanes, drift: drifting }), byDefault);
        for (let at = 0; at <= 60; at += 1) {
          const until = ({ fromMs }: { fromMs: number }) => fromMs <= at;
          const seen = lanes.map((one) => ({
            ...one,
            intervals: one.intervals
              .filter(until)
              .slice(-1)
              .map((last) => ({ ...last, fromMs: at })),
          }));
          const open = at >= from && at < from + lasts + 1 ? [drift(at, null, effect as "note")] : [];
          const [single] = fuseLanes(grounds({ lanes: seen, drift: open, seenFromMs: at }), byDefault);
          expect(line.findLast(until)).toMatchObject({ state: single?.state, reason: single?.reason });
        }
      }),
    );
  });
});

describe("what decides about a node", () => {
  const policies = new Map([["x@1", { ...BUILT_IN, version: "x@1" }]]);
  const activation = { id: "a", policyVersion: "x@1", selector: "", percent: 100, fromMs: 10, toMs: 20 };

  it("changes at the instants that are named, those in the future left out", () => {
    const course: PolicyCourse = { ...DEFAULT_COURSE, activations: [activation], policies };
    expect(decisionsFor(course, node, 15).turns).toEqual([10]);
    expect(decisionsFor(course, node, 25).turns).toEqual([10, 20]);
    expect(decisionsFor(DEFAULT_COURSE, node, 25).turns).toEqual([]);
  });

  it("leaves out what is not meant for the node", () => {
    const other = { ...activation, selector: `node.name == "other"` };
    const broken = { ...activation, selector: "node.nope" };
    const course: PolicyCourse = { ...DEFAULT_COURSE, activations: [other, broken], policies };
    expect(decisionsFor(course, node, 25).turns).toEqual([]);
  });
});
