/**
 * Who must agree before something is done to nodes: AND-groups of distinct people.
 *
 * Pure. What a person may do is read afresh by the caller, under the request's lock.
 */
import type { RemediationAction } from "./remediation.ts";

export const APPROVER_GROUPS = ["security", "on_call", "platform_owner"] as const;
export type ApproverGroup = (typeof APPROVER_GROUPS)[number];

/** One condition; all conditions of a policy must be met, by different people. */
export type GroupRule = { groups: readonly ApproverGroup[]; min: number };

export type ApprovalPolicy = {
  rules: readonly GroupRule[];
  /** Whether it waits for a maintenance window. */
  window: "ignore" | "respect";
  /** Whether a policy may ask for it without a person. */
  auto: boolean;
  breakGlass: boolean;
};

const anyOf = (min: number, ...groups: ApproverGroup[]): GroupRule => ({ groups, min });
const CONTAIN_ONE: ApprovalPolicy = {
  rules: [anyOf(1, "security", "on_call")],
  window: "ignore",
  auto: true,
  breakGlass: true,
};
const RESTORE: ApprovalPolicy = {
  rules: [anyOf(1, "security"), anyOf(1, "on_call")],
  window: "respect",
  auto: false,
  breakGlass: false,
};
const REBUILD: ApprovalPolicy = {
  rules: [anyOf(1, "on_call"), anyOf(1, "platform_owner")],
  window: "respect",
  auto: false,
  breakGlass: false,
};

/**
 * What an action asks for by default: contain fast, restore and destroy slowly.
 *
 * @param critical whether a target is a control plane node or a quorum member
 */
export function defaultPolicy(action: RemediationAction, critical: boolean): ApprovalPolicy {
  switch (action) {
    case "quarantine":
      return critical
        ? { ...CONTAIN_ONE, rules: [anyOf(1, "security"), anyOf(1, "on_call")], auto: false }
        : CONTAIN_ONE;
    case "release":
      return RESTORE;
    case "reprovision":
    case "rekey":
    case "rollback":
      return REBUILD;
    case "decommission":
      return { ...REBUILD, rules: [anyOf(2, "security", "platform_owner")] };
  }
}

/** One vote, with what is known about the voter now. `person` is the human behind all of their accounts. */
export type ApprovalVote = {
  person: string;
  decision: "approve" | "deny";
  /** Hex. */
  planHash: string;
  groups: readonly ApproverGroup[];
  /** Whether they may still decide. Who lost the role has no vote. */
  mayDecide: boolean;
};

export type ApprovalRequest = {
  /** The person who asked. */
  requester: string;
  planHash: string;
  /** People who do not count: authors of the baseline that produced the verdict, when it is a release. */
  excluded: readonly string[];
};

/** How far a rule is met, for people. */
export type RuleMeter = GroupRule & { have: number; people: string[] };
export type Approval = { state: "met" | "open" | "denied"; meter: RuleMeter[] };

/** Why a person has no say in a request; `null` = they have. */
export function voterRefusal(
  request: ApprovalRequest,
  voter: Pick<ApprovalVote, "person" | "groups" | "mayDecide">,
  rules: readonly GroupRule[],
): "own-request" | "excluded" | "role-lost" | "not-asked" | null {
  if (voter.person === request.requester) return "own-request";
  if (request.excluded.includes(voter.person)) return "excluded";
  if (!voter.mayDecide) return "role-lost";
  return rules.some((rule) => serves(voter, rule)) ? null : "not-asked";
}

const serves = ({ groups }: Pick<ApprovalVote, "groups">, rule: GroupRule) =>
  rule.groups.some((group) => groups.includes(group));

/**
 * What the votes amount to.
 *
 * A denial of anybody who has a say ends it. Each person fills one place at most, and people are put
 * where they are needed: somebody of two groups never keeps the other of one group out.
 */
export function judgeVotes(
  request: ApprovalRequest,
  rules: readonly GroupRule[],
  votes: readonly ApprovalVote[],
): Approval {
  const counted = votes.filter((vote) => voterRefusal(request, vote, rules) === null);
  const approvals = onePerPerson(
    counted.filter(({ decision, planHash }) => decision === "approve" && planHash === request.planHash),
  );
  const meter = seat(rules, approvals);
  if (counted.some(({ decision }) => decision === "deny")) return { state: "denied", meter };
  const met = rules.length > 0 && meter.every(({ have, min }) => have >= min);
  return { state: met ? "met" : "open", meter };
}

function onePerPerson(votes: readonly ApprovalVote[]): ApprovalVote[] {
  return [...new Map(votes.map((vote) => [vote.person, vote])).values()];
}

/** Fill the places of the rules with as many people as possible: augmenting paths over a handful of votes. */
function seat(rules: readonly GroupRule[], votes: readonly ApprovalVote[]): RuleMeter[] {
  const places = rules.flatMap((rule, index) => Array.from({ length: rule.min }, () => ({ rule, index })));
  const taken = new Map<number, ApprovalVote>();
  const place = (vote: ApprovalVote, tried: Set<number>): boolean => {
    for (const [at, { rule }] of places.entries()) {
      if (tried.has(at) || !serves(vote, rule)) continue;
      tried.add(at);
      const sitting = taken.get(at);
      if (sitting && !place(sitting, tried)) continue;
      taken.set(at, vote);
      return true;
    }
    return false;
  };
  for (const vote of votes) place(vote, new Set());
  return rules.map((rule, index) => {
    const people = [...taken]
      .filter(([at]) => places[at]?.index === index)
      .map(([, { person }]) => person)
      .sort();
    return { ...rule, have: people.length, people };
  });
}
