import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SetLimitsBody } from "#lib/contracts/remediation-limits";
import { type PlanFacts, planText } from "./remediation.ts";
import {
  BUILT_IN_LIMITS,
  controlPlaneMarks,
  hasMark,
  LIMIT_BOUNDS,
  LIMIT_NAMES,
  LIMIT_NUMBERS,
  limitChanges,
  limitsOfPlan,
  limitWords,
  placeLabelNames,
  type RemediationLimits,
} from "./remediation-limits.ts";
import { memberOf } from "./remediation-plan.ts";

/** Another value for every limit. */
const OTHERWISE: RemediationLimits = {
  poolPercent: 11,
  minHealthyPercent: 52,
  maxFailureDomains: 2,
  quorumAtATime: 0,
  autoPerWindow: 4,
  stormPercent: 19,
  stormPools: 2,
  stormNodes: 2,
  poolLabels: ["team"],
  failureDomainLabels: ["row"],
  controlPlaneLabels: ["tier=control"],
};

describe("limits", () => {
  it.each(LIMIT_NAMES)("make another plan when %s changes, and say what holds now", (name) => {
    const now = { ...BUILT_IN_LIMITS, [name]: OTHERWISE[name] };
    expect(limitChanges(BUILT_IN_LIMITS, now)).toEqual([limitWords(now)[LIMIT_NAMES.indexOf(name)]]);
    const plan = { action: "quarantine", targets: [], evidenceDigests: [] } as unknown as PlanFacts;
    expect(planText({ ...plan, limits: now })).not.toBe(planText({ ...plan, limits: BUILT_IN_LIMITS }));
  });

  it("of plans from before they could be set are the built-in ones", () => {
    expect(limitsOfPlan({})).toBe(BUILT_IN_LIMITS);
    expect(limitsOfPlan({ limits: OTHERWISE })).toBe(OTHERWISE);
  });

  it("have words for each of them", () => {
    expect(LIMIT_NAMES.toSorted()).toEqual(Object.keys(BUILT_IN_LIMITS).sort());
    expect(limitWords(BUILT_IN_LIMITS)).toHaveLength(LIMIT_NAMES.length);
  });
});

describe("bounds", () => {
  const body = (limits: object) => ({
    trustDomainId: "01a20000-0000-7000-8000-000000000000",
    version: 0,
    reason: "Because the test asks",
    limits: { ...BUILT_IN_LIMITS, ...limits },
  });
  const taken = (limits: object) => SetLimitsBody.safeParse(body(limits)).success;

  it("take the built-in limits and others within", () => {
    expect(taken({})).toBe(true);
    expect(taken(OTHERWISE)).toBe(true);
  });

  it.each(LIMIT_NUMBERS)("hold %s from both sides", (name) => {
    const [least, most] = LIMIT_BOUNDS[name];
    expect([least, most].map((value) => taken({ [name]: value }))).toEqual([true, true]);
    expect([least - 1, most + 1, least + 0.5].map((value) => taken({ [name]: value }))).toEqual([
      ...[false, false, false],
    ]);
  });

  it("are the built-in limits where looser ones would be unsafe", () => {
    expect(taken({ minHealthyPercent: BUILT_IN_LIMITS.minHealthyPercent - 1 })).toBe(false);
    for (const name of ["quorumAtATime", "stormPercent", "stormPools", "stormNodes"] as const)
      expect(taken({ [name]: BUILT_IN_LIMITS[name] + 1 }), name).toBe(false);
  });

  it.each([
    { poolLabels: [] },
    { poolLabels: ["pool", "pool"] },
    { poolLabels: ["a b"] },
    { poolLabels: ["__proto__"] },
    { poolLabels: Array.from({ length: 9 }, (_, index) => `l${index}`) },
    { failureDomainLabels: ["zone=a"] },
    { controlPlaneLabels: ["=x"] },
    { controlPlaneLabels: ["x="] },
    { unknown: 1 },
  ])("refuse %o", (limits) => expect(taken(limits)).toBe(false));
});

describe("labels of control planes", () => {
  const node = (labels: Record<string, string>) => ({
    ...{ nodeId: "n", name: "n", labels, disposition: "in_service", acting: null },
    lifecycle: "trusted" as const,
  });

  it("can be added and not taken away", () => {
    const mark = fc.constantFrom("tier=control", "leader", "role=etcd");
    fc.assert(
      fc.property(fc.uniqueArray(mark), (controlPlaneLabels) => {
        const places = { ...BUILT_IN_LIMITS, controlPlaneLabels };
        const marks = controlPlaneMarks(places);
        for (const built of controlPlaneMarks(BUILT_IN_LIMITS)) expect(marks).toContainEqual(built);
        expect(memberOf(node({ role: "master" }), places).quorum).toBe("the control plane");
        const leads = controlPlaneLabels.includes("leader");
        expect(memberOf(node({ leader: "", cluster: "c" }), places).quorum).toBe(
          leads ? "the control plane of c" : null,
        );
        for (const { name } of marks) expect(placeLabelNames(places)).toContain(name);
      }),
    );
  });

  it("count by their value where one is named", () => {
    expect(hasMark({ tier: "control" }, { name: "tier", value: "control" })).toBe(true);
    expect(hasMark({ tier: "work" }, { name: "tier", value: "control" })).toBe(false);
    expect(hasMark({}, { name: "tier", value: null })).toBe(false);
  });
});
