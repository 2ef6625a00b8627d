/** Facts in, a decision out: total, and never better than the evidence. */
import type { Decision, LaneFacts, PolicyFacts } from "#lib/domain/policy";
import type { CompiledRule, PolicyBundle } from "./bundle.ts";
import { celFacts, FACT_NAMES } from "./facts.ts";

/** Longest reason that is kept: reasons carry what senders wrote. */
const MAX_REASON = 1000;
/** Decisions kept per policy; a fleet has far fewer distinct situations. */
const REMEMBERED = 20_000;

/** An exception as deciding sees it: for this node and instant, the rule does not count. */
export type Exemption = { exceptionId: string; ruleId: string; reason: string };

/** A policy that can decide. */
export type Policy = {
  bundle: PolicyBundle;
  /** `name@version`. */
  version: string;
  decide: (facts: PolicyFacts, exemptions?: readonly Exemption[]) => Decision;
  /** How often its rules were really evaluated. */
  evaluations: () => number;
};

/** What one rule said about some facts. `matched: null` = it could not be evaluated. */
export type TraceStep = {
  ruleId: string;
  status: string;
  matched: boolean | null;
  /** What kept it from being evaluated. */
  error: string | null;
  exempt: boolean;
};

/** Make a policy of a bundle; it remembers what it decided, so that facts that came before cost no evaluation. */
export function policyOf(bundle: PolicyBundle, version: string): Policy {
  const asked = FACT_NAMES.filter((name) => name !== "lanes" && bundle.names.has(name));
  const remembered = new Map<string, Decision>();
  let evaluations = 0;
  return {
    bundle,
    version,
    evaluations: () => evaluations,
    decide(facts, exemptions = []) {
      let key = facts.lanes.length + facts.lanes.map(keyOfLane).join("");
      for (const name of asked) key += keyOfRest(facts[name]);
      if (exemptions.length > 0) key += keyOfRest(exemptions);
      const known = remembered.get(key);
      if (known) return known;
      evaluations += 1;
      const made = evaluate(bundle, version, facts, exemptions).decision;
      if (remembered.size >= REMEMBERED) remembered.clear();
      remembered.set(key, made);
      return made;
    },
  };
}

/** Texts come from senders, so each is told apart from its neighbours by its length. */
const told = (text: string) => `${text.length}:${text}`;

/** Equal for equal lanes only; by hand, for it is made for every stretch of every lane. */
const keyOfLane = (lane: LaneFacts) =>
  `${lane.state} ${lane.tier} ${lane.outcome} ${lane.afterFailure} ${lane.silent} ${told(lane.label)}${told(lane.source)}${told(lane.kind)}${told(lane.submod)}${told(lane.reason)}${told(lane.says)}`;

const keyOfRest = (facts: unknown) =>
  Array.isArray(facts) && facts.length === 0 ? "[]" : JSON.stringify(facts);

/** What decides in place of a version whose text can no longer be read: nothing is trusted on a guess. */
export function unreadablePolicy(version: string): Policy {
  const decision: Decision = {
    state: "degraded",
    reason: `Policy ${version} cannot be read by this version of the product`,
    ruleId: "",
    policyVersion: version,
    exceptionId: null,
  };
  const [name = version] = version.split("@");
  const bundle = { name, description: "", rules: [], tests: [], digest: "", names: new Set<string>() };
  return { bundle, version, decide: () => decision, evaluations: () => 0 };
}

/**
 * Decide, and tell what every rule said.
 *
 * The first rule that matches decides. A rule that cannot be evaluated is passed over, but then the node is
 * degraded at best: what a rule failed to say may have been bad. Where an exception stands against the rule that
 * matches, the node is exempt, unless a later rule finds it failed, degraded or silent. And nothing is trusted
 * while no lane says so.
 *
 * @param everyRule also ask the rules that can no longer decide, for the trace
 */
export function evaluate(
  bundle: PolicyBundle,
  version: string,
  facts: PolicyFacts,
  exemptions: readonly Exemption[] = [],
  everyRule = false,
): { decision: Decision; trace: TraceStep[] } {
  const trace: TraceStep[] = [];
  const values = celFacts(facts);
  let decided: Decision | null = null;
  let broken: TraceStep | null = null;
  for (const rule of bundle.rules) {
    const settled: boolean = decided !== null && decided.state !== "exempt";
    if (settled && !everyRule) break;
    const exemption = exemptions.find(({ ruleId }) => ruleId === rule.id) ?? null;
    const step = stepOf(rule, values, exemption !== null);
    trace.push(step);
    if (settled) continue;
    if (step.matched === null && !decided) broken ??= step;
    if (!step.matched || (decided && !outweighsExemption(rule, exemption))) continue;
    const by = { ruleId: rule.id, policyVersion: version };
    decided = exemption
      ? { ...by, state: "exempt", reason: exemptReason(exemption), exceptionId: exemption.exceptionId }
      : { ...by, state: rule.status, reason: reasonOf(rule, values), exceptionId: null };
  }
  return { decision: neverBetter(decided, broken, facts, version), trace };
}

type Values = ReturnType<typeof celFacts>;

const exemptReason = ({ ruleId, reason }: Exemption) =>
  `Exempt from ${ruleId}: ${reason}`.slice(0, MAX_REASON);

const outweighsExemption = ({ status }: CompiledRule, exemption: Exemption | null) =>
  !exemption && (status === "failed" || status === "degraded" || status === "stale");

function stepOf(rule: CompiledRule, facts: Values, exempt: boolean): TraceStep {
  const { id: ruleId, status } = rule;
  try {
    return { ruleId, status, matched: rule.when(facts) === true, error: null, exempt };
  } catch (error) {
    return { ruleId, status, matched: null, error: sentenceOf(error), exempt };
  }
}

function reasonOf(rule: CompiledRule, facts: Values): string {
  try {
    return String(rule.reason(facts)).slice(0, MAX_REASON);
  } catch (error) {
    return `${rule.id}; its reason cannot be told: ${sentenceOf(error)}`;
  }
}

function sentenceOf(error: unknown): string {
  const { summary } = error as { summary?: unknown };
  return typeof summary === "string" ? summary : "it cannot be evaluated";
}

/** Holds whatever the policy says. */
function neverBetter(
  decided: Decision | null,
  broken: TraceStep | null,
  facts: PolicyFacts,
  policyVersion: string,
): Decision {
  const best = decided?.state;
  const vouched = facts.lanes.some(({ state }) => state === "trusted");
  const hold = (ruleId: string, state: Decision["state"], reason: string): Decision => ({
    state,
    reason,
    ruleId,
    policyVersion,
    exceptionId: null,
  });
  if (broken && best !== "failed" && best !== "degraded") {
    return hold(broken.ruleId, "degraded", `Rule ${broken.ruleId} cannot be evaluated: ${broken.error}`);
  }
  if (!decided) return hold("", "pending", "No rule of the policy holds");
  if (decided.state === "trusted" && !vouched) {
    return hold(decided.ruleId, "pending", "No line of evidence affirms it");
  }
  return decided;
}
