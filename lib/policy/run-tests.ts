/** Running the tests of a policy. */
import type { PolicyBundle } from "./bundle.ts";
import { evaluate } from "./evaluate.ts";
import { factsOf, type PolicyTest } from "./policy-test.ts";

/** What became of one test; `detail` says what was expected and what came, `null` when it passed. */
export type TestResult = { name: string; detail: string | null };

/** Run tests against a bundle; `expect` compares only what it names. */
export function runTests(bundle: PolicyBundle, tests: readonly PolicyTest[]): TestResult[] {
  return tests.map((test) => {
    const { decision } = evaluate(bundle, bundle.name, factsOf(test));
    const { status, rule, reason } = test.expect;
    const faults = [
      differs("status", status, decision.state),
      differs("rule", rule, decision.ruleId),
      differs("reason", reason, decision.reason),
    ].flatMap((fault) => fault ?? []);
    return { name: test.name, detail: faults.length > 0 ? faults.join("; ") : null };
  });
}

const differs = (what: string, expected: string | undefined, came: string) =>
  expected === undefined || expected === came ? null : `${what}: expected ${expected}, came ${came}`;
