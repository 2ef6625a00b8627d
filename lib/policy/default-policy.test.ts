import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LaneFacts, PolicyFacts } from "#lib/domain/policy";
import { LANE_STATES, type LaneState, severityOf } from "#lib/domain/trust-status";
import { readBundle } from "./bundle.ts";
import { DEFAULT_POLICY_TEXT, defaultPolicy } from "./default-policy.ts";
import { evaluate } from "./evaluate.ts";
import { runTests } from "./run-tests.ts";

type Moment = Pick<LaneFacts, "label" | "state" | "reason" | "afterFailure">;

/** The rules as they were before policies: what history without drift must keep saying, word for word. */
function fuseMoment(moments: readonly Moment[]): { state: LaneState; reason: string } {
  const several = moments.length > 1;
  const say = ({ label, reason }: Moment) => (several ? `${label}: ${reason}` : reason);
  const names = (some: readonly Moment[]) => some.map(({ label }) => label).join(", ");
  const failed = moments.find(({ state, afterFailure }) => state === "failed" || afterFailure);
  if (failed) return { state: "failed", reason: say(failed) };
  const degraded = moments.find(({ state }) => state === "degraded");
  if (degraded) return { state: "degraded", reason: say(degraded) };
  const trusted = moments.filter(({ state }) => state === "trusted");
  const others = moments.filter(({ state }) => state !== "trusted");
  const [other] = others;
  const [first] = trusted;
  if (!other) {
    if (!first) return { state: "pending", reason: "No verdict yet" };
    return { state: "trusted", reason: several ? `Verified good by ${names(trusted)}` : first.reason };
  }
  if (first) {
    const reason = `${others.length} of ${moments.length} lines of evidence say nothing: ${names(others)}`;
    return { state: "degraded", reason };
  }
  const silent = others.filter(({ state }) => state === "stale");
  if (silent.length === others.length) {
    return { state: "stale", reason: several ? `Silent: ${names(silent)}` : other.reason };
  }
  return { state: "pending", reason: say(others.find(({ state }) => state === "pending") ?? other) };
}

const moment: fc.Arbitrary<Moment> = fc.record({
  label: fc.string({ maxLength: 8 }),
  state: fc.constantFrom(...LANE_STATES),
  reason: fc.string({ maxLength: 30 }),
  afterFailure: fc.boolean(),
});

const factsFor = (moments: readonly Moment[]): PolicyFacts => ({
  node: { id: "n", name: "n", labels: {}, identities: {} },
  drift: [],
  lanes: moments.map((one) => ({
    ...one,
    source: one.label,
    kind: "",
    submod: "",
    tier: "none",
    outcome: "pending",
    silent: one.state === "stale",
    says: moments.length > 1 ? `${one.label}: ${one.reason}` : one.reason,
  })),
});

const drift = (effect: "note" | "degrade" | "fail") =>
  ({
    ...{ label: "lab", source: "lab", submod: "", score: 1, reason: effect, says: effect, baselines: [] },
    worst: "unexplained",
    effect,
  }) as const;

describe("the default policy", () => {
  const policy = defaultPolicy();

  it("is the file that ships, byte for byte", () => {
    expect(readFileSync(join(import.meta.dirname, "../../policies/default.yaml"), "utf8")).toBe(
      DEFAULT_POLICY_TEXT,
    );
  });

  it("passes its own tests", () => {
    const read = readBundle(DEFAULT_POLICY_TEXT);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    expect(read.bundle.tests.length).toBeGreaterThan(10);
    expect(runTests(read.bundle, read.bundle.tests).filter(({ detail }) => detail !== null)).toEqual([]);
    const asked = read.bundle.tests.map(({ expect: { rule } }) => rule);
    expect(read.bundle.rules.map(({ id }) => id).filter((id) => !asked.includes(id))).toEqual([]);
  });

  it("says of evidence without drift what was said before there were policies, word for word", () => {
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 5 }), (moments) => {
        const { state, reason } = policy.decide(factsFor(moments));
        expect({ state, reason }).toEqual(fuseMoment(moments));
      }),
      { numRuns: 2000 },
    );
  });

  it("is never improved by a lane that falls silent", () => {
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 4 }), fc.nat(), (moments, pick) => {
        const index = pick % moments.length;
        const silenced = moments.map((one, at) =>
          at === index
            ? { ...one, state: "stale" as const, afterFailure: one.afterFailure || one.state === "failed" }
            : one,
        );
        const before = policy.decide(factsFor(moments));
        const after = policy.decide(factsFor(silenced));
        if (before.state === "failed") expect(after.state).toBe("failed");
        expect(after.state).not.toBe("trusted");
      }),
    );
  });

  it("lets drift make a node worse, never better", () => {
    fc.assert(
      fc.property(
        fc.array(moment, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("note", "degrade", "fail"),
        (moments, effect) => {
          const facts = factsFor(moments);
          const without = policy.decide(facts).state as LaneState;
          const having = policy.decide({ ...facts, drift: [drift(effect)] }).state as LaneState;
          const worst = { note: "pending", degrade: "degraded", fail: "failed" } as const;
          const expected = Math.max(severityOf(without), severityOf(worst[effect]));
          expect(severityOf(having)).toBe(expected);
        },
      ),
    );
  });

  it("never takes one situation for another", () => {
    const remembering = defaultPolicy();
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 3 }), (moments) => {
        const facts = factsFor(moments);
        expect(remembering.decide(facts)).toEqual(evaluate(policy.bundle, policy.version, facts).decision);
      }),
      { numRuns: 1000 },
    );
  });

  it("evaluates facts once, however often they come, also for other nodes", () => {
    const counted = defaultPolicy();
    const facts = factsFor([{ label: "lab", state: "trusted", reason: "good", afterFailure: false }]);
    for (let index = 0; index < 1000; index += 1) {
      counted.decide({ ...facts, node: { ...facts.node, id: `n${index}`, name: `node-${index}` } });
    }
    expect(counted.evaluations()).toBe(1);
    counted.decide({ ...facts, drift: [drift("note")] });
    expect(counted.evaluations()).toBe(2);
  });

  it("decides at least 100,000 times a second when nothing is remembered", () => {
    const facts = factsFor([{ label: "lab", state: "trusted", reason: "good", afterFailure: false }]);
    const run = (times: number) => {
      for (let index = 0; index < times; index += 1) evaluate(policy.bundle, "x", facts);
    };
    run(5000);
    const before = process.threadCpuUsage();
    run(20_000);
    const { user, system } = process.threadCpuUsage(before);
    // By the time of this thread, and a third of the promised rate: the machine that runs the tests has other work.
    expect((user + system) / 1000).toBeLessThan(600);
  });
});
