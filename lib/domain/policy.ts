/**
 * Policies: what is made of the evidence about a node.
 *
 * Pure. A policy is a list of rules; the expressions in them are run elsewhere, so that the domain needs no
 * library. Times are epoch milliseconds.
 */
import type { Tier } from "./ar4si.ts";
import type { SelectorNode, ToleranceEffect } from "./baseline.ts";
import type { DriftClass } from "./drift.ts";
import { LANE_STATES, type LaneState } from "./trust-status.ts";
import type { Outcome } from "./verdict.ts";

/** What a rule may make of a node. */
export const RULE_STATUSES = LANE_STATES;

/** What a node's own line says: a rule's status, or that an exception holds for the rule. */
export type NodeState = LaneState | "exempt";

/** What one line of evidence says at an instant. */
export type LaneFacts = {
  /** Name in reasons: the source's, with the submodule if there is one. */
  label: string;
  source: string;
  /** Kind of the source; `""` where it is not known. */
  kind: string;
  submod: string;
  state: LaneState;
  tier: Tier;
  outcome: Outcome;
  reason: string;
  /** The reason, with the label before it when the node has several lanes. */
  says: string;
  /** It has failed and has only been silent since. */
  afterFailure: boolean;
  /** Nothing came within its limit: a gap, rather than a statement that nobody answered. */
  silent: boolean;
};

/** How one line of evidence differs from its baselines at an instant. */
export type DriftFacts = {
  label: string;
  source: string;
  submod: string;
  /** The worst class of its findings; `none` = compared, and nothing differs. */
  worst: DriftClass | "none";
  effect: ToleranceEffect | "none";
  score: number;
  reason: string;
  /** The reason, with the label before it when the node has several lanes. */
  says: string;
  /** Names of the baselines that it was compared with. */
  baselines: readonly string[];
};

/** Everything that a policy may ask about a node at an instant. */
export type PolicyFacts = {
  node: SelectorNode;
  lanes: readonly LaneFacts[];
  drift: readonly DriftFacts[];
};

export type FactName = keyof PolicyFacts;

/** What a policy made of the facts. */
export type Decision = {
  state: NodeState;
  /** One sentence for people. */
  reason: string;
  ruleId: string;
  /** `name@version` of the policy. */
  policyVersion: string;
  /** The exception that stood against the rule; `null` = none did. */
  exceptionId: string | null;
};

/** The built-in policy, as it stands in what it decided. Lines from before there were policies are its own too. */
export const BUILT_IN_POLICY_VERSION = "default@1";

/** Decides about one node at one instant. */
export type Decide = (facts: PolicyFacts, atMs: number) => Decision;

/** A policy's stage for a part of the nodes. Rows are only ever ended, never changed. */
export type PolicyActivation = {
  id: string;
  policyVersion: string;
  /** CEL over the node; empty = all nodes. */
  selector: string;
  /** 1–100; which nodes are in is decided by their id alone, so a larger share contains a smaller one. */
  percent: number;
  fromMs: number;
  /** `null` = still in force. */
  toMs: number | null;
};

/** For some nodes a rule does not count for a while. */
export type PolicyException = {
  id: string;
  /** Name of the policy, whatever its version. */
  policy: string;
  ruleId: string;
  /** CEL over the node; empty = all nodes. */
  selector: string;
  reason: string;
  fromMs: number;
  toMs: number;
};

/**
 * The activation that decides about a node: the newest one in force that is meant for it.
 *
 * @param isMeant whether the node is selected by it and within its percentage
 * @returns `null` = none; the built-in policy decides
 */
export function activationAt(
  activations: readonly PolicyActivation[],
  atMs: number,
  isMeant: (activation: PolicyActivation) => boolean,
): PolicyActivation | null {
  let newest: PolicyActivation | null = null;
  for (const activation of activations) {
    if (activation.fromMs > atMs || (activation.toMs !== null && activation.toMs <= atMs)) continue;
    const newer =
      !newest ||
      activation.fromMs > newest.fromMs ||
      (activation.fromMs === newest.fromMs && activation.id > newest.id);
    if (newer && isMeant(activation)) newest = activation;
  }
  return newest;
}

/** Instants up to `untilMs` at which something else may decide. */
export function turnsOf(
  spans: readonly { fromMs: number; toMs: number | null }[],
  untilMs: number,
): number[] {
  return spans.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? fromMs]).filter((atMs) => atMs <= untilMs);
}
