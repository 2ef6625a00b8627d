import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACTIONS,
  isOpenToVotes,
  isOver,
  nextRequestState,
  type PlanFacts,
  planText,
  REQUEST_EVENTS,
  REQUEST_STATES,
  type RequestState,
} from "./remediation.ts";
import { BUILT_IN_LIMITS } from "./remediation-limits.ts";

const edges = REQUEST_STATES.flatMap((from) =>
  REQUEST_EVENTS.flatMap((event) => {
    const to = nextRequestState(from, event);
    return to === null ? [] : [{ from, event, to }];
  }),
);
const reachable = (
  start: RequestState,
  skip: (edge: { from: RequestState; to: RequestState }) => boolean,
) => {
  const seen = new Set<RequestState>([start]);
  for (const state of seen)
    for (const edge of edges) if (edge.from === state && !skip(edge)) seen.add(edge.to);
  return seen;
};

describe("the life of a request", () => {
  it("starts only what was approved, or broke the glass", () => {
    const starts = edges.filter(({ to, event }) => to === "executing" && event !== "retry");
    expect(starts.map(({ from, event }) => `${from} ${event}`).sort()).toEqual([
      "approved start",
      "pending break_glass",
      "scheduled start",
    ]);
    const unapproved = reachable("pending", ({ to }) => to === "approved");
    const withoutGlass = edges.filter(({ event }) => event !== "break_glass");
    expect(unapproved.has("succeeded")).toBe(true);
    expect(withoutGlass.filter(({ from }) => from === "pending").map(({ to }) => to)).not.toContain(
      "executing",
    );
  });

  it("succeeds only through verification", () => {
    expect(edges.filter(({ to }) => to === "succeeded").map(({ from }) => from)).toEqual(["verifying"]);
  });

  it("reaches every state, and ends from every one of them", () => {
    expect([...reachable("pending", () => false)].sort()).toEqual([...REQUEST_STATES].sort());
    for (const state of REQUEST_STATES)
      expect([...reachable(state, () => false)].some(isOver), state).toBe(true);
  });

  it("takes no votes once something has begun, and a denial is never taken back", () => {
    expect(REQUEST_STATES.filter(isOpenToVotes)).toEqual(["pending", "approved", "scheduled"]);
    for (const state of REQUEST_STATES.filter(isOver))
      for (const event of REQUEST_EVENTS) expect(nextRequestState(state, event)).toBeNull();
  });

  it("is never over while an outcome is open", () => {
    expect((["executing", "verifying", "aborting", "partially_failed"] as const).filter(isOver)).toEqual([]);
  });
});

const plan = fc.record({
  action: fc.constantFrom(...ACTIONS),
  targets: fc.uniqueArray(fc.record({ nodeId: fc.uuid(), incarnationId: fc.option(fc.uuid()) }), {
    selector: ({ nodeId }) => nodeId,
    minLength: 1,
    maxLength: 5,
  }),
  recipe: fc.string(),
  recipeVersion: fc.nat(),
  params: fc.dictionary(fc.string(), fc.jsonValue()),
  policyVersion: fc.option(fc.string()),
  evidenceDigests: fc.array(fc.stringMatching(/^[0-9a-f]{4}$/)),
  expiresAtMs: fc.nat(),
  startAtMs: fc.option(fc.nat()),
  window: fc.constantFrom("ignore" as const, "respect" as const),
  limits: fc.integer({ min: 1, max: 49 }).map((poolPercent) => ({ ...BUILT_IN_LIMITS, poolPercent })),
});

describe("the text that votes are bound to", () => {
  it("is the same however the plan was put together", () => {
    fc.assert(
      fc.property(plan, (facts) => {
        const turned = {
          ...facts,
          targets: facts.targets.toReversed(),
          evidenceDigests: facts.evidenceDigests.toReversed(),
        };
        expect(planText(turned)).toBe(planText(facts));
      }),
    );
  });

  const base: PlanFacts = {
    action: "quarantine",
    targets: [{ nodeId: "n1", incarnationId: "i1" }],
    recipe: "compromise_suspected",
    recipeVersion: 1,
    params: { mode: "soft" },
    policyVersion: "3",
    evidenceDigests: ["aa"],
    expiresAtMs: 1,
    startAtMs: null,
    window: "respect",
    limits: BUILT_IN_LIMITS,
  };
  it.each<[keyof PlanFacts, Partial<PlanFacts>]>([
    ["action", { action: "release" }],
    ["targets", { targets: [{ nodeId: "n1", incarnationId: "i2" }] }],
    ["recipe", { recipe: "release" }],
    ["recipeVersion", { recipeVersion: 2 }],
    ["params", { params: { mode: "hard" } }],
    ["policyVersion", { policyVersion: null }],
    ["evidenceDigests", { evidenceDigests: ["aa", "bb"] }],
    ["expiresAtMs", { expiresAtMs: 2 }],
    ["startAtMs", { startAtMs: 5 }],
    ["window", { window: "ignore" }],
    ["limits", { limits: { ...BUILT_IN_LIMITS, poolPercent: 11 } }],
  ])("changes with %s", (field, change) => {
    expect(Object.keys(base)).toContain(field);
    expect(planText({ ...base, ...change })).not.toBe(planText(base));
  });
});
