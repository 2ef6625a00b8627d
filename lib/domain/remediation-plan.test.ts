import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIONS, type PlanFacts } from "./remediation.ts";
import { BUILT_IN_LIMITS } from "./remediation-limits.ts";
import {
  ALLOWED_FROM,
  approvedEnd,
  memberOf,
  type PlanNode,
  type PlanNow,
  planChanges,
  planEnd,
  residualAfter,
  restsOnEvidence,
  windowsOpenMs,
} from "./remediation-plan.ts";

const node = (more: Partial<PlanNode> = {}): PlanNode => ({
  ...{ nodeId: "n1", name: "n1", labels: {}, status: "failed", lifecycle: "suspect" },
  ...{ disposition: "in_service", incarnationId: "i1", acting: null },
  ...more,
});

describe("a node's place in the fleet", () => {
  it("is what its labels say, the narrower one first", () => {
    expect(
      memberOf(node({ labels: { cluster: "c", pool: "p", rack: "7", zone: "z" } }), BUILT_IN_LIMITS),
    ).toMatchObject({
      pool: "p",
      failureDomain: "z",
      quorum: null,
      unavailable: null,
    });
    expect(memberOf(node({ labels: { cluster: "c", role: "etcd" } }), BUILT_IN_LIMITS)).toMatchObject({
      pool: "c",
      quorum: "the control plane of c",
    });
    expect(memberOf(node(), BUILT_IN_LIMITS)).toMatchObject({ pool: "", failureDomain: null, quorum: null });
  });

  it.each([
    [{ acting: "reprovision" as const }, "reprovision is being carried out"],
    [{ disposition: "no_schedule" }, "is set to no schedule"],
    [{ lifecycle: "quarantining" as const }, "is quarantining"],
    [{ acting: "release" as const }, null],
    [{ lifecycle: "trusted" as const }, null],
  ])("counts %o as away for: %s", (more, why) => {
    expect(memberOf(node(more), BUILT_IN_LIMITS).unavailable).toBe(why);
  });
});

const spans = fc.array(
  fc.record({ fromMs: fc.nat(50), length: fc.integer({ min: 1, max: 20 }) }).map(({ fromMs, length }) => ({
    fromMs,
    toMs: fromMs + length,
  })),
  { maxLength: 4 },
);

describe("maintenance windows of several nodes", () => {
  it("allow the first instant at which every node that has one is in one", () => {
    fc.assert(
      fc.property(fc.array(spans, { maxLength: 3 }), fc.nat(80), (perNode, now) => {
        const open = (at: number) =>
          perNode.every(
            (own) => own.length === 0 || own.some(({ fromMs, toMs }) => fromMs <= at && at < toMs),
          );
        let first = now;
        while (first <= 100 && !open(first)) first += 1;
        const found = windowsOpenMs(perNode, now);
        expect(found ?? now).toBe(first > 100 ? Number.POSITIVE_INFINITY : first);
      }),
    );
  });
});

describe("the time of a plan", () => {
  it("is never longer than was agreed, and leaves time after the earliest start", () => {
    const ms = fc.nat(1e9);
    fc.assert(
      fc.property(ms, fc.option(ms), fc.option(ms), (now, startAtMs, opensAtMs) => {
        const expiresAtMs = planEnd(now, { startAtMs, opensAtMs });
        const approved = approvedEnd(now, { startAtMs, expiresAtMs }, opensAtMs);
        expect(approved).toBeLessThanOrEqual(expiresAtMs);
        expect(approved).toBeGreaterThan(Math.max(now, startAtMs ?? 0, opensAtMs ?? 0));
      }),
    );
  });
});

describe("a plan that is looked at again", () => {
  const plan = (action: PlanFacts["action"]): PlanFacts => ({
    ...{
      action,
      targets: [{ nodeId: "n1", incarnationId: "i1" }],
      recipe: "r",
      recipeVersion: 1,
      params: {},
    },
    ...{ policyVersion: null, evidenceDigests: ["aa"], expiresAtMs: 100, startAtMs: null, window: "ignore" },
    limits: BUILT_IN_LIMITS,
  });
  const now = (action: PlanFacts["action"], more: Partial<PlanNow> = {}): PlanNow => ({
    ...{ nodes: [node({ lifecycle: ALLOWED_FROM[action][0] ?? "trusted" })], recipeVersion: 1 },
    ...{ policyVersion: null, evidenceDigests: ["aa"], limits: BUILT_IN_LIMITS, marks: [] },
    ...more,
  });

  it.each(ACTIONS)("is the same while nothing changes, and not once anything does: %s", (action) => {
    const changes = (more: Partial<PlanNow>, at = 0) => planChanges(plan(action), now(action, more), at);
    expect(changes({})).toEqual([]);
    expect(changes({ nodes: [] })).toEqual(["A node is not there any more."]);
    const again = node({ lifecycle: ALLOWED_FROM[action][0] ?? "trusted", incarnationId: "i2" });
    expect(changes({ nodes: [again] })).toEqual(["n1 was provisioned again."]);
    expect(changes({ nodes: [node({ lifecycle: "decommissioned" })] })).toEqual([
      "n1 is decommissioned now.",
    ]);
    expect(changes({ recipeVersion: 2 })).toHaveLength(1);
    expect(changes({ recipeVersion: null })).toHaveLength(1);
    expect(changes({ policyVersion: "p@2" })).toHaveLength(1);
    expect(changes({}, 100)).toEqual(["Its time is over."]);
    expect(changes({ evidenceDigests: ["bb"] })).toHaveLength(restsOnEvidence(action) ? 1 : 0);
  });

  it("rests on evidence where the evidence speaks for the node, and nowhere else", () => {
    expect(ACTIONS.filter(restsOnEvidence)).toEqual(["release"]);
  });
});

describe("credentials that outlive what is done", () => {
  const held = (state: "valid" | "expired" | "revoked", notAfterMs: number | null) => ({
    ...{ state, notAfterMs, residualUntilMs: null },
  });
  it("end with the last of them; an end that nobody knows is said to be unknown", () => {
    expect(residualAfter([], 5)).toEqual({ state: "none" });
    expect(residualAfter([held("valid", 9), held("revoked", 12), held("expired", 99)], 5)).toEqual({
      state: "until",
      untilMs: 12,
    });
    expect(residualAfter([held("valid", 9), held("valid", null)], 5)).toEqual({ state: "unknown" });
    expect(residualAfter([held("valid", 4)], 5)).toEqual({ state: "none" });
  });
});
