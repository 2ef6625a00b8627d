/** Which rule is applied: that of the node's domain, or the strictest where no single domain is meant. */
import { type AdmissionRule, DEFAULT_ADMISSION_RULE, strictestRule } from "./admission.ts";

export type RuleInForce = {
  rule: AdmissionRule;
  origin: "own" | "inherited" | "built_in" | "strictest";
  /** Whose it is; `null` = the built-in one, or one made of several. */
  trustDomainId: string | null;
};

export type RulesInForce = ReadonlyMap<string, RuleInForce>;

const BUILT_IN: RuleInForce = { rule: DEFAULT_ADMISSION_RULE, origin: "built_in", trustDomainId: null };

/** @param domains each with the rule that it is under, and whose that is; `null` = nobody's */
export function rulesInForce(
  domains: readonly { trustDomainId: string; ruleOf: string | null; content: AdmissionRule | null }[],
): RulesInForce {
  return new Map(
    domains.map(({ trustDomainId, ruleOf, content }) => [
      trustDomainId,
      content === null
        ? BUILT_IN
        : {
            rule: content,
            origin: ruleOf === trustDomainId ? ("own" as const) : ("inherited" as const),
            trustDomainId: ruleOf,
          },
    ]),
  );
}

/** The rule for somebody who belongs to none of the domains that could be meant: denied is what one of them denies. */
export function ruleForNobody(rules: RulesInForce, domains: readonly string[]): RuleInForce {
  const meant = domains.map((id) => ruleOfDomain(rules, id));
  const [first = BUILT_IN, ...more] = meant;
  if (more.length === 0) return first;
  return { rule: strictestRule(meant.map(({ rule }) => rule)), origin: "strictest", trustDomainId: null };
}

export function ruleOfDomain(rules: RulesInForce, trustDomainId: string): RuleInForce {
  return rules.get(trustDomainId) ?? BUILT_IN;
}
