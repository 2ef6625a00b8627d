/** Checking a text as it is typed: nothing is stored. */
import type { CheckPolicyBody, PolicyCheck, PolicySchemaView } from "#lib/contracts/policy";
import { RULE_STATUSES } from "#lib/domain/policy";
import { readBundle } from "#lib/policy/bundle";
import { FACT_SCHEMA, policyFunctions } from "#lib/policy/facts";
import { runTests } from "#lib/policy/run-tests";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { ruleViews } from "./view.ts";

/** Whatever the text is, it is answered with what is wrong with it, or with its rules and tests. */
export function checkPolicy(ctx: ServiceContext, { text }: CheckPolicyBody): PolicyCheck {
  readScope(ctx, "policy:read");
  const read = readBundle(text);
  if (!read.ok) return { problems: read.problems, rules: [], tests: [] };
  const { bundle } = read;
  return { problems: [], rules: ruleViews(bundle), tests: runTests(bundle, bundle.tests) };
}

export function policySchema(ctx: ServiceContext): PolicySchemaView {
  readScope(ctx, "policy:read");
  const facts = FACT_SCHEMA.map(({ fields, ...fact }) => ({ ...fact, fields: [...fields] }));
  return { facts, functions: policyFunctions(), statuses: [...RULE_STATUSES] };
}
