import { describe, expect, it } from "vitest";
import { readBundle } from "./bundle.ts";
import { evaluate } from "./evaluate.ts";
import { factsOf, PolicyTest } from "./policy-test.ts";

const policy = (rules: string) => {
  const read = readBundle(`name: lab\ndescription: d\nrules:\n${rules}`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.bundle;
};

const line = (id: string, when: string, status: string, reason = `"${id}"`) =>
  `  - { id: ${id}, when: ${JSON.stringify(when)}, status: ${status}, reason: ${JSON.stringify(reason)}, docs: d }\n`;

const facts = (given: object) =>
  factsOf(PolicyTest.parse({ name: "n", facts: given, expect: { status: "pending" } }));

const TRUSTING = line("fine", "true", "trusted");
const AFFIRMED = facts({ lanes: [{ state: "trusted" }] });

describe("evaluate", () => {
  it("lets the first rule that holds decide, and asks no further", () => {
    const bundle = policy(line("a", "lanes.size() == 1", "degraded") + TRUSTING);
    const { decision, trace } = evaluate(bundle, "lab@1", AFFIRMED);
    expect(decision).toEqual({
      ...{ state: "degraded", reason: "a", ruleId: "a", policyVersion: "lab@1", exceptionId: null },
    });
    expect(trace).toHaveLength(1);
    expect(evaluate(bundle, "lab@1", AFFIRMED, [], true).trace).toHaveLength(2);
  });

  it("degrades a node when a rule cannot be evaluated, for what it would have said may be bad", () => {
    const bundle = policy(line("a", `node.labels.tier == "x"`, "failed") + TRUSTING);
    expect(evaluate(bundle, "lab@1", AFFIRMED).decision).toMatchObject({
      state: "degraded",
      ruleId: "a",
      reason: "Rule a cannot be evaluated: No such key: tier",
    });
  });

  it("keeps a failure that a later rule finds, although an earlier one cannot be evaluated", () => {
    const bundle = policy(
      line("a", `node.labels.tier == "x"`, "degraded") + line("b", "true", "failed") + TRUSTING,
    );
    expect(evaluate(bundle, "lab@1", AFFIRMED).decision).toMatchObject({ state: "failed", ruleId: "b" });
  });

  it("does not let a policy trust a node that no line of evidence affirms", () => {
    const bundle = policy(TRUSTING);
    expect(evaluate(bundle, "lab@1", facts({})).decision.state).toBe("pending");
    expect(evaluate(bundle, "lab@1", facts({ lanes: [{ state: "stale" }] })).decision.state).toBe("pending");
    expect(evaluate(bundle, "lab@1", AFFIRMED).decision.state).toBe("trusted");
  });

  it("tells a reason that cannot be told", () => {
    const bundle = policy(line("a", "true", "failed", "lanes[7].reason") + TRUSTING);
    expect(evaluate(bundle, "lab@1", AFFIRMED).decision).toMatchObject({ state: "failed", ruleId: "a" });
  });

  describe("with an exception", () => {
    const exemption = { exceptionId: "e1", ruleId: "a", reason: "Board is being replaced" };
    const excepted = (rules: string) => evaluate(policy(rules), "lab@1", AFFIRMED, [exemption]).decision;

    it("makes the node exempt where the rule would have decided", () => {
      expect(excepted(line("a", "true", "failed") + TRUSTING)).toMatchObject({
        state: "exempt",
        ruleId: "a",
        exceptionId: "e1",
        reason: "Exempt from a: Board is being replaced",
      });
    });

    it("does not hide what another rule finds", () => {
      for (const status of ["failed", "degraded", "stale"]) {
        const rules = line("a", "true", "failed") + line("b", "true", status) + TRUSTING;
        expect(excepted(rules)).toMatchObject({ state: status, ruleId: "b", exceptionId: null });
      }
    });

    it("changes nothing where the rule does not hold", () => {
      expect(excepted(line("a", "false", "failed") + TRUSTING)).toMatchObject({ state: "trusted" });
    });
  });
});
