/** Which policy decides about a node at which instant. */
import type { SelectorNode } from "#lib/domain/baseline";
import { shareOf } from "#lib/domain/baseline-course";
import {
  activationAt,
  type Decide,
  type PolicyActivation,
  type PolicyException,
  turnsOf,
} from "#lib/domain/policy";
import { defaultPolicy } from "./default-policy.ts";
import type { Exemption, Policy } from "./evaluate.ts";
import { selectorMatches } from "./selector.ts";

/** Everything that decides in a trust domain, or ever did. */
export type PolicyCourse = {
  /** Of the stage enforced. */
  activations: readonly PolicyActivation[];
  exceptions: readonly PolicyException[];
  /** By `name@version`. */
  policies: ReadonlyMap<string, Policy>;
};

/** What decides where nothing else was enforced. */
export const BUILT_IN = defaultPolicy();

/** A course without anything but the built-in policy. */
export const DEFAULT_COURSE: PolicyCourse = { activations: [], exceptions: [], policies: new Map() };

/** Whether deciding needs to know more of a node than its id. */
export function asksNode({ activations, exceptions, policies }: PolicyCourse): boolean {
  return (
    [...activations, ...exceptions].some(({ selector }) => selector !== "") ||
    activations.some(({ policyVersion }) => policies.get(policyVersion)?.bundle.names.has("node"))
  );
}

/** Whether something that holds for a selector and a percentage holds for the node. */
export function isMeant(
  { selector, percent }: Pick<PolicyActivation, "selector" | "percent">,
  node: SelectorNode,
): boolean {
  if (percent < 100 && shareOf(node.id) >= percent) return false;
  return selector === "" || selectorMatches(selector, node);
}

/**
 * What decides about one node.
 *
 * @returns `turns`: the instants up to `untilMs` at which something else decides
 */
export function decisionsFor(
  course: PolicyCourse,
  node: SelectorNode,
  untilMs: number,
): { decide: Decide; turns: number[] } {
  const activations = course.activations.filter((activation) => isMeant(activation, node));
  const exceptions = course.exceptions.filter(({ selector }) => isMeant({ selector, percent: 100 }, node));
  if (activations.length === 0 && exceptions.length === 0) {
    return { decide: (facts) => BUILT_IN.decide(facts), turns: [] };
  }
  return {
    turns: turnsOf([...activations, ...exceptions], untilMs),
    decide(facts, atMs) {
      const active = activationAt(activations, atMs, () => true);
      const policy = (active && course.policies.get(active.policyVersion)) ?? BUILT_IN;
      const exempt = exceptions.filter(
        (exception) =>
          exception.policy === policy.bundle.name && exception.fromMs <= atMs && atMs < exception.toMs,
      );
      return policy.decide(facts, exempt.map(exemptionOf));
    },
  };
}

const exemptionOf = ({ id, ruleId, reason }: PolicyException): Exemption => ({
  exceptionId: id,
  ruleId,
  reason,
});
