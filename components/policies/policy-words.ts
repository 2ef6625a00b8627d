/** Words for stages, parts of the fleet and exceptions. */
import type {
  ActivationView,
  PolicyExceptionList,
  PolicySummary,
  PolicyVersionView,
} from "#lib/contracts/policy";

export type Stage = PolicyVersionView["stage"];
export type PolicyException = PolicyExceptionList["items"][number];

export const STAGE_TONE = {
  draft: "neutral",
  shadow: "warn",
  enforced: "accent",
  retired: "neutral",
} as const;

export const STAGE_MEANING: Readonly<Record<Stage, string>> = {
  draft: "It decides nothing.",
  shadow: "It decides nothing. What it would decide is noted.",
  enforced: "It decides about its part of the nodes.",
  retired: "It decided once, and does not any more.",
};

/** For which nodes a stage is: `all nodes`, `10 % of all nodes`, `25 % of node.name == "a"`. */
export function partWords({ percent, selector }: Pick<ActivationView, "percent" | "selector">): string {
  const nodes = selector === "" ? "all nodes" : selector;
  return percent === 100 ? nodes : `${percent} % of ${nodes}`;
}

/** Of the policy as a whole: the furthest that any version of it is in now. */
export function stageOf({ builtIn, active }: Pick<PolicySummary, "builtIn" | "active">): Stage {
  if (builtIn || active.some(({ stage }) => stage === "enforced")) return "enforced";
  return active.length > 0 ? "shadow" : "draft";
}

export const EXCEPTION_WORDS: Readonly<Record<PolicyException["state"], string>> = {
  in_force: "in force",
  unused: "unused",
  expired: "expired",
};

/** The command that checks a policy where it is kept, as people run it and as a pipeline does. */
export const testCommand = (name: string): string => `npx touchstone policy test policies/${name}.yaml`;
