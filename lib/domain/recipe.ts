/**
 * Recipes: what is done to one node for an action, in which order, and what of it must succeed.
 *
 * Pure. A recipe is data and never changes under its version: the version is part of what people vote on.
 */
import type { LifecycleEventType } from "./lifecycle-table.ts";
import type { RemediationAction } from "./remediation.ts";

/** What an action must bring about: who counts on it must not be told that it was done when nothing can do it. */
export const EFFECTS = {
  isolated: "takes work or the network away from the node",
  identity_invalid: "makes the node's identity invalid",
  rekeyed: "makes the node prove itself with new credentials",
  rebuilt: "rebuilds the node",
} as const;
export type Effect = keyof typeof EFFECTS;

/** One of our own steps. */
export type OwnStep =
  /** Keeps what is known about the node now: what the request rests on. */
  | { own: "snapshot" }
  /** Tells the node's life cycle; refused by its guards = the step failed. */
  | { own: "lifecycle"; event: LifecycleEventType }
  /** Reads everything back once more that was done to the node. */
  | { own: "read_back" }
  /** Waits until the node has attested anew, with evidence from after the step before. */
  | { own: "verdict"; timeoutMs: number }
  /** Waits until the node has a key that people agreed to since it was rekeyed, and has attested with it. */
  | { own: "new_key"; timeoutMs: number };

export type ConnectorStep = {
  kind: string;
  verb: string;
  /** The verb that takes it back; `null` = nothing does. Stands in the recipe so that it is voted on, too. */
  undo: string | null;
  /** What it contributes to; `null` = it supports the rest. */
  effect: Effect | null;
  /** A step that is not mandatory may fail without the node failing. Absent = mandatory. */
  optional?: true;
  /** Name of the parameter that asks for it; absent = always. */
  when?: string;
};

export type RecipeStep = OwnStep | ConnectorStep;

export type Recipe = {
  id: string;
  version: number;
  action: RemediationAction;
  title: string;
  /** One sentence for people who are about to vote. */
  about: string;
  /** Each must be brought about on every node by at least one connector, else nothing is begun. */
  needs: readonly Effect[];
  /** `continue` = what comes after a failed step still helps: half a containment is better than none. */
  onFailure: "stop" | "continue";
  /** Parameters that people may set, with what they mean. All are false when nobody says otherwise. */
  params: Readonly<Record<string, string>>;
  steps: readonly RecipeStep[];
};

const MINUTE = 60_000;
const SNAPSHOT: OwnStep = { own: "snapshot" };
const READ_BACK: OwnStep = { own: "read_back" };
const VERDICT: OwnStep = { own: "verdict", timeoutMs: 30 * MINUTE };
/** Two people have to agree to the new key meanwhile. */
const NEW_KEY: OwnStep = { own: "new_key", timeoutMs: 240 * MINUTE };
const tell = (event: LifecycleEventType): OwnStep => ({ own: "lifecycle", event });

const step = (
  kind: string,
  verb: string,
  more: Partial<Omit<ConnectorStep, "kind" | "verb">> = {},
): ConnectorStep => ({ kind, verb, undo: null, effect: null, ...more });

const TAINT = step("kubernetes", "taint", { undo: "untaint", effect: "isolated" });
const DENY_REQUESTS = step("kubernetes", "deny_requests");
const DRAIN = step("kubernetes", "drain", { when: "drain" });
const HOLD = step("cluster-api", "hold", { undo: "unhold" });
const UNTAINT = step("kubernetes", "untaint");
const BAN = step("spire", "ban", { effect: "identity_invalid" });
/** Deleting an agent lifts its ban: only of a node that was rebuilt, so that it may attest anew. */
const DELETE_AGENT = step("spire", "delete", { optional: true });
const RUNNERS = ["awx", "rundeck", "webhook"] as const;

const COMPROMISE_SUSPECTED: Recipe = {
  id: "compromise-suspected",
  version: 2,
  action: "quarantine",
  title: "Compromise suspected",
  about: "Keeps what is known as evidence, isolates the node and leaves it running to be looked at.",
  needs: ["isolated"],
  onFailure: "continue",
  params: {
    drain: "Move its work away; what runs there is lost as evidence.",
    ban: "Ban its SPIRE agent; only rebuilding the node brings it back, no release does.",
  },
  steps: [
    SNAPSHOT,
    tell("remediation.quarantine.executing"),
    HOLD,
    TAINT,
    DENY_REQUESTS,
    { ...BAN, when: "ban" },
    ...RUNNERS.map((kind) => step(kind, "isolate", { undo: "release", effect: "isolated" })),
    { ...DRAIN, optional: true },
    READ_BACK,
    tell("containment.verified"),
  ],
};

const RELEASE: Recipe = {
  id: "release",
  version: 2,
  action: "release",
  title: "Release",
  about: "Lets the node attest again; work comes back only after evidence from after the release is good.",
  needs: [],
  onFailure: "stop",
  params: {},
  steps: [
    SNAPSHOT,
    ...RUNNERS.map((kind) => step(kind, "release", { undo: "isolate" })),
    step("cluster-api", "unhold", { undo: "hold" }),
    tell("remediation.release.executed"),
    VERDICT,
    UNTAINT,
    READ_BACK,
  ],
};

const REPROVISION: Recipe = {
  id: "reprovision-after-compromise",
  version: 2,
  action: "reprovision",
  title: "Reprovision after compromise",
  about: "Keeps the evidence, rebuilds the node and gives it work only after it attested anew.",
  needs: ["rebuilt"],
  onFailure: "stop",
  params: { drain: "Move its work away before it is rebuilt." },
  steps: [
    SNAPSHOT,
    TAINT,
    DENY_REQUESTS,
    DRAIN,
    tell("remediation.reprovision.executing"),
    step("cluster-api", "unhold"),
    step("cluster-api", "remediate", { effect: "rebuilt" }),
    ...RUNNERS.map((kind) => step(kind, "rebuild", { effect: "rebuilt" })),
    DELETE_AGENT,
    VERDICT,
    UNTAINT,
    READ_BACK,
  ],
};

const REKEY: Recipe = {
  id: "rekey-and-reseal",
  version: 2,
  action: "rekey",
  title: "Rekey and re-seal",
  about:
    "Has the node make new keys, and waits until people agreed to the new key and the node has attested with it.",
  needs: ["rekeyed"],
  onFailure: "stop",
  params: {},
  steps: [
    SNAPSHOT,
    DENY_REQUESTS,
    ...RUNNERS.map((kind) => step(kind, "rekey", { effect: "rekeyed" })),
    NEW_KEY,
  ],
};

const DECOMMISSION: Recipe = {
  id: "decommission",
  version: 2,
  action: "decommission",
  title: "Decommission",
  about: "Moves work away, makes the identity invalid, and ends the node's life here.",
  needs: ["identity_invalid"],
  onFailure: "stop",
  params: {},
  steps: [
    SNAPSHOT,
    tell("remediation.decommission.executing"),
    TAINT,
    DENY_REQUESTS,
    step("kubernetes", "drain"),
    BAN,
    READ_BACK,
    tell("decommission.verified"),
  ],
};

const LAST_KNOWN_GOOD: Recipe = {
  id: "last-known-good",
  version: 2,
  action: "rollback",
  title: "Roll back to the last known-good baseline",
  about: "Has the node built again as its baseline says, and waits for evidence that it is.",
  needs: ["rebuilt"],
  onFailure: "stop",
  params: { drain: "Move its work away before it is rebuilt." },
  steps: [
    SNAPSHOT,
    TAINT,
    DRAIN,
    ...RUNNERS.map((kind) => step(kind, "rebuild", { effect: "rebuilt" })),
    VERDICT,
    UNTAINT,
    READ_BACK,
  ],
};

/** The first of an action is its usual one. */
export const RECIPES: readonly Recipe[] = [
  COMPROMISE_SUSPECTED,
  RELEASE,
  REPROVISION,
  REKEY,
  DECOMMISSION,
  LAST_KNOWN_GOOD,
];

/** By id; `undefined` for one that this version does not know. */
export function recipeById(id: string): Recipe | undefined {
  return RECIPES.find((recipe) => recipe.id === id);
}

/** The usual recipe of an action. */
export function recipeFor(action: RemediationAction): Recipe {
  const found = RECIPES.find((recipe) => recipe.action === action);
  if (!found) throw new Error(`No recipe for ${action}`);
  return found;
}
