import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { versionsFor } from "./baseline-course.ts";
import {
  applyPlan,
  planFromMs,
  planRollback,
  planRollout,
  type RolloutRequest,
  type StoredRollout,
} from "./baseline-rollout.ts";

const NOW = 1_000;
const stored = (id: string, part: Partial<StoredRollout> = {}): StoredRollout => ({
  id,
  version: 1,
  part: "target",
  selector: "",
  percent: 100,
  fromMs: 0,
  toMs: null,
  ...part,
});
const request = (part: Partial<RolloutRequest> = {}): RolloutRequest => ({
  version: 2,
  part: "target",
  selector: "",
  percent: 100,
  fromMs: null,
  toMs: null,
  acceptOthersUntilMs: null,
  ...part,
});
const node = { id: "n", name: "n", labels: {}, identities: {} };
const holds = (rollouts: Parameters<typeof versionsFor>[0], atMs: number) =>
  versionsFor(rollouts, node, atMs, 0, () => true);
const after = (existing: StoredRollout[], plan: ReturnType<typeof planRollout>) => {
  if ("member" in plan) throw new Error(plan.detail);
  return applyPlan(existing, plan);
};

describe("a rollout", () => {
  it("begins now when its start has passed, and leaves others as they are", () => {
    const plan = planRollout([stored("a")], request({ fromMs: 5 }), NOW);
    expect(plan).toMatchObject({ add: { version: 2, fromMs: NOW }, end: [] });
    expect(holds(after([stored("a")], plan), NOW)).toEqual({ target: 2, accepted: [1] });
  });

  it("passes from A to B within a window, and ends what holds with the window", () => {
    const existing = [stored("a"), stored("x", { version: 3, part: "accepted", toMs: 1_200 })];
    const plan = planRollout(existing, request({ fromMs: 1_100, acceptOthersUntilMs: 1_500 }), NOW);
    const rollouts = after(existing, plan);
    expect(holds(rollouts, 1_050)).toEqual({ target: 1, accepted: [3] });
    expect(holds(rollouts, 1_150)).toEqual({ target: 2, accepted: [1, 3] });
    // What ends earlier still does.
    expect(holds(rollouts, 1_300)).toEqual({ target: 2, accepted: [1] });
    expect(holds(rollouts, 1_500)).toEqual({ target: 2, accepted: [] });
    expect(planFromMs(plan as never)).toBe(1_100);
  });

  it.each([
    ["a part of the nodes", { percent: 99 }],
    ["some nodes", { selector: "true" }],
    ["an end", { toMs: 2_000 }],
    ["no target", { part: "accepted" as const }],
  ])("does not replace what holds with %s", (_, part) => {
    expect(planRollout([], request({ ...part, acceptOthersUntilMs: 1_500 }), NOW)).toMatchObject({
      member: "acceptOthersUntil",
    });
  });

  it("is refused when it, or the window, would end before it begins", () => {
    expect(planRollout([], request({ toMs: NOW }), NOW)).toMatchObject({ member: "to" });
    const early = request({ fromMs: 1_100, acceptOthersUntilMs: 1_050 });
    expect(planRollout([], early, NOW)).toMatchObject({ member: "acceptOthersUntil" });
  });
});

describe("a rollback", () => {
  it("goes from C back to B: C ends now, B holds for everybody", () => {
    const existing = [
      stored("a", { toMs: 500 }),
      stored("b", { version: 2 }),
      stored("c", { version: 3, percent: 10 }),
      stored("later", { version: 4, fromMs: 2_000 }),
    ];
    const plan = planRollback(existing, 2, NOW);
    expect(plan).toEqual({
      add: null,
      end: [
        { id: "c", atMs: NOW },
        { id: "later", atMs: NOW },
      ],
    });
    expect(holds(applyPlan(existing, plan), NOW)).toEqual({ target: 2, accepted: [] });
    expect(holds(applyPlan(existing, plan), 3_000)).toEqual({ target: 2, accepted: [] });
  });

  it("brings back a version that has ended, or that held for a part only", () => {
    const existing = [stored("a", { toMs: 500 }), stored("b", { version: 2, percent: 10 })];
    expect(planRollback(existing, 1, NOW).add).toMatchObject({ version: 1, percent: 100, fromMs: NOW });
    expect(planRollback(existing, 2, NOW)).toMatchObject({ add: { version: 2, percent: 100 }, end: [] });
  });

  it("may expect nothing any more, and changes nothing when nothing holds", () => {
    const plan = planRollback([stored("a")], null, NOW);
    expect(holds(applyPlan([stored("a")], plan), NOW)).toEqual({ target: null, accepted: [] });
    expect(planFromMs(planRollback([], null, NOW))).toBeNull();
  });
});

it("No plan changes what held before now, and every rollback leaves one version", () => {
  const rows = fc.array(
    fc.record({
      version: fc.integer({ min: 1, max: 4 }),
      part: fc.constantFrom("target" as const, "accepted" as const),
      selector: fc.constantFrom("", "true"),
      percent: fc.integer({ min: 1, max: 100 }),
      fromMs: fc.nat(2_000),
      toMs: fc.option(fc.nat(2_000)),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(
      rows,
      fc.option(fc.integer({ min: 1, max: 4 })),
      fc.nat(NOW - 1),
      fc.nat(2_000),
      (list, to, before, later) => {
        const existing = list.map((row, index) => ({ ...row, id: `${index}` }));
        const rollouts = applyPlan(existing, planRollback(existing, to, NOW));
        expect(holds(rollouts, before)).toEqual(holds(existing, before));
        expect(holds(rollouts, NOW + later)).toEqual({ target: to, accepted: [] });
      },
    ),
  );
});
