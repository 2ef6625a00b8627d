/** Remediation in words: actions, states, who is asked, and how dangerous requests are confirmed. */
import type { ApproverGroup, GroupRule } from "#lib/domain/approval";
import { LIFECYCLE_STATES, type LifecycleState } from "#lib/domain/lifecycle-table";
import type { RemediationAction, RequestState } from "#lib/domain/remediation";
import { ALLOWED_FROM } from "#lib/domain/remediation-plan";
import { displayText, formatCount } from "./format.ts";
import { LIFECYCLE_WORDS } from "./lifecycle-words.ts";

type ActionWords = {
  label: string;
  /** What it does to a node, for whoever is about to ask for it or to approve it. */
  consequence: string;
  /** Takes something away: asked for by typing what it is done to. */
  dangerous: boolean;
};

export const ACTION_WORDS: Readonly<Record<RemediationAction, ActionWords>> = {
  quarantine: {
    label: "Quarantine",
    consequence:
      "The node gets no new work and its credentials are refused. What runs on it may be moved away. Its disk and its evidence stay.",
    dangerous: true,
  },
  release: {
    label: "Release",
    consequence:
      "The node may work again once a fresh verdict trusts it. Everything that held it back is taken off.",
    dangerous: false,
  },
  reprovision: {
    label: "Re-provision",
    consequence:
      "The node is emptied, wiped and installed anew. What is on its disks is lost, and it must enrol and attest again.",
    dangerous: true,
  },
  rekey: {
    label: "Re-key",
    consequence:
      "The node’s credentials are revoked and made anew. It works again once it has attested with the new ones.",
    dangerous: true,
  },
  rollback: {
    label: "Roll back",
    consequence:
      "The node goes back to the last state that its baseline knew as good. What came later is undone.",
    dangerous: true,
  },
  decommission: {
    label: "Decommission",
    consequence:
      "The node leaves the fleet for good: it is drained, its credentials are revoked, and it never comes back under this name.",
    dangerous: true,
  },
};

export const STATE_WORDS: Readonly<Record<RequestState, string>> = {
  pending: "waits for approval",
  approved: "approved",
  scheduled: "scheduled",
  executing: "executing",
  verifying: "verifying",
  aborting: "aborting",
  succeeded: "succeeded",
  partially_failed: "partly failed",
  failed: "failed",
  aborted: "aborted",
  denied: "denied",
  expired: "expired",
  superseded: "superseded",
  cancelled: "cancelled",
};

export const STATE_TONES: Readonly<Record<RequestState, "neutral" | "accent" | "warn" | "danger">> = {
  pending: "accent",
  approved: "accent",
  scheduled: "accent",
  executing: "warn",
  verifying: "warn",
  aborting: "warn",
  succeeded: "neutral",
  partially_failed: "danger",
  failed: "danger",
  aborted: "neutral",
  denied: "danger",
  expired: "neutral",
  superseded: "neutral",
  cancelled: "neutral",
};

const GROUP_WORDS: Readonly<Record<ApproverGroup, string>> = {
  security: "security",
  on_call: "on call",
  platform_owner: "platform owner",
};

/** Who is asked by a rule: `security or on call`. */
export function groupsWords(groups: readonly ApproverGroup[]): string {
  return groups.map((group) => GROUP_WORDS[group]).join(" or ");
}

/** All who must agree, as a sentence: `1 of security and 1 of on call, different people`. */
export function rulesSentence(rules: readonly GroupRule[]): string {
  const parts = rules.map(({ groups, min }) => `${formatCount(min)} of ${groupsWords(groups)}`);
  const people = rules.reduce((sum, { min }) => sum + min, 0);
  return `${parts.join(" and ")}${people > 1 ? ", different people" : ""}`;
}

/** The first names, and how many more: `a, b and 3 more`. */
export function namesSentence(names: readonly string[], shown = 3): string {
  const more = names.length - shown;
  if (more <= 0) return names.join(", ");
  return `${names.slice(0, shown).join(", ")} and ${formatCount(more)} more`;
}

/** What must be typed before a dangerous request can be sent; `null` = nothing. */
export type TypedConfirmation = { phrase: string; label: string } | null;

/** Longer names are not typed without a mistake. */
const TYPED_MAX = 64;

/**
 * One node is named, several are counted: a name shows that the right one is meant, a number how many. A name that
 * nobody can type, because parts of it are invisible, is stood for by the beginning of the node's id.
 */
export function confirmationOf(
  action: RemediationAction,
  nodes: readonly { id: string; name: string }[],
): TypedConfirmation {
  const [node] = nodes;
  if (node === undefined) return null;
  if (nodes.length > 1) {
    const phrase = String(nodes.length);
    return { phrase, label: `Type ${phrase}, the number of nodes, to confirm` };
  }
  if (!ACTION_WORDS[action].dangerous) return null;
  const typeable = !displayText(node.name).hostile && node.name.length <= TYPED_MAX;
  const phrase = typeable ? node.name : node.id.slice(0, 8);
  return {
    phrase,
    label: typeable ? `Type ${phrase} to confirm` : `Type ${phrase}, of the node’s ID, to confirm`,
  };
}

/**
 * Why an action cannot be asked for, by the node's state alone; `null` = it may be. The server decides with
 * everything else that it knows.
 */
export function stateRefusal(action: RemediationAction, state: LifecycleState): string | null {
  if (LIFECYCLE_STATES[state].terminal) return "The node is decommissioned. Nothing is done to it any more.";
  const from = ALLOWED_FROM[action];
  if (from.includes(state)) return null;
  const words = from.map((one) => LIFECYCLE_WORDS[one].toLowerCase());
  return `Only for a node that is ${words.join(", ").replace(/, ([^,]*)$/, " or $1")}; this one is ${LIFECYCLE_WORDS[state].toLowerCase()}.`;
}
