/**
 * Plans of remediation: what is looked at before something is done to nodes, and what makes it another plan.
 *
 * Pure; times are epoch milliseconds.
 */
import type { BlastCheck, FleetMember } from "./blast-radius.ts";
import { canonicalJson } from "./change-request.ts";
import type { HeldCredential } from "./credential.ts";
import { type LifecycleState, TRANSITIONS } from "./lifecycle-table.ts";
import type { Labels } from "./node-labels.ts";
import { APPROVED_TTL_MS, PENDING_TTL_MS, type PlanFacts, type RemediationAction } from "./remediation.ts";
import {
  controlPlaneMarks,
  hasMark,
  limitChanges,
  limitsOfPlan,
  type PlaceLabels,
  type RemediationLimits,
} from "./remediation-limits.ts";

/** Most nodes of one request. */
export const TARGETS_MAX = 500;
/** How far ahead a start may be planned. Milliseconds. */
export const START_AHEAD_MS = 30 * 86_400_000;

/**
 * Who asked: a person, a policy, a person who could not wait, somebody who rehearses, or somebody who drills for
 * real, on nodes that are marked for it.
 */
export const REQUEST_ORIGINS = ["person", "policy", "break_glass", "drill", "real_drill"] as const;
export type RequestOrigin = (typeof REQUEST_ORIGINS)[number];

/** Lists of requests; `in_progress` = everything that is not over. */
export const REMEDIATION_TABS = ["waiting_on_me", "requested_by_me", "in_progress", "done"] as const;
export type RemediationTab = (typeof REMEDIATION_TABS)[number];

/** `fleet` = from our own data, `target` = read from what would be acted on. */
export const CHECK_SOURCES = ["fleet", "target"] as const;

/** `unknown` = whether it was done is not known: it is observed before anything is tried again. */
export const STEP_STATES = [
  "pending",
  "running",
  "done",
  "failed",
  "unknown",
  "skipped",
  "rolled_back",
] as const;

/** One condition of a plan, kept or not. */
export type PlanCheck = {
  rule: string;
  source: (typeof CHECK_SOURCES)[number];
  about: string;
  ok: boolean;
  /** It is not started while this is not kept. */
  blocking: boolean;
  sentence: string;
};

/** One node as plans see it. */
export type PlanNode = {
  nodeId: string;
  name: string;
  labels: Labels;
  /** What the evidence says now. */
  status: string;
  lifecycle: LifecycleState;
  disposition: string;
  /** The provisioning that is open; `null` = none is known. */
  incarnationId: string | null;
  /** What another request does to it right now; `null` = nothing. */
  acting: RemediationAction | null;
};

const firstOf = (labels: Labels, names: readonly string[]): string | null =>
  names.map((name) => labels[name]).find((value) => value !== undefined) ?? null;

/** A node's place in the fleet, as its labels tell it. */
export function memberOf(node: Omit<PlanNode, "status" | "incarnationId">, places: PlaceLabels): FleetMember {
  const { nodeId, name, labels } = node;
  const critical = controlPlaneMarks(places).some((mark) => hasMark(labels, mark));
  const cluster = labels.cluster;
  return {
    nodeId,
    name,
    pool: firstOf(labels, places.poolLabels) ?? "",
    failureDomain: firstOf(labels, places.failureDomainLabels),
    quorum: critical
      ? cluster === undefined
        ? "the control plane"
        : `the control plane of ${cluster}`
      : null,
    unavailable: unavailability(node),
  };
}

const AWAY: readonly LifecycleState[] = [
  "quarantining",
  "quarantined",
  "reprovisioning",
  "failed",
  "decommissioning",
];

function unavailability({
  lifecycle,
  disposition,
  acting,
}: Pick<PlanNode, "lifecycle" | "disposition" | "acting">): string | null {
  if (acting !== null && acting !== "release") return `${acting} is being carried out`;
  if (disposition !== "in_service") return `is set to ${disposition.replaceAll("_", " ")}`;
  return AWAY.includes(lifecycle) ? `is ${lifecycle}` : null;
}

/** What the node's life must be at for an action; everything else is refused, and supersedes. */
export const ALLOWED_FROM: Readonly<Record<RemediationAction, readonly LifecycleState[]>> = {
  quarantine: from("remediation.quarantine.executing"),
  release: from("remediation.release.executed"),
  reprovision: from("remediation.reprovision.executing"),
  rekey: ["attesting", "trusted", "suspect"],
  rollback: ["attesting", "trusted", "suspect"],
  decommission: from("remediation.decommission.executing"),
};

function from(trigger: (typeof TRANSITIONS)[number]["on"][number]): readonly LifecycleState[] {
  return TRANSITIONS.filter(({ on }) => on.includes(trigger)).flatMap((transition) => transition.from);
}

/** Whether nodes serve less while it is done to them. */
export const takesAway = (action: RemediationAction): boolean => action !== "release";

/**
 * Whether other verdicts than those that people saw make it another plan. Only where the evidence speaks for
 * the node: a node that is to be isolated or rebuilt must not keep people from it by sending new evidence.
 */
export const restsOnEvidence = (action: RemediationAction): boolean => action === "release";

export const fleetCheck = ({ rule, about, ok, sentence }: BlastCheck): PlanCheck => ({
  rule,
  source: "fleet",
  about,
  ok,
  blocking: true,
  sentence,
});

/** Until when a plan may be started at all: time for the votes, and then for the start. */
export function planEnd(
  nowMs: number,
  { startAtMs, opensAtMs }: { startAtMs: number | null; opensAtMs: number | null },
): number {
  return Math.max(nowMs + PENDING_TTL_MS, startAtMs ?? 0, opensAtMs ?? 0) + APPROVED_TTL_MS;
}

/** How long an approved plan waits for its start: from when it could begin on, and never beyond the plan. */
export function approvedEnd(
  nowMs: number,
  plan: Pick<PlanFacts, "startAtMs" | "expiresAtMs">,
  opensAtMs: number | null,
): number {
  return Math.min(plan.expiresAtMs, Math.max(nowMs, plan.startAtMs ?? 0, opensAtMs ?? 0) + APPROVED_TTL_MS);
}

/** What a plan would be if it were made now, as far as the world decides it. */
export type PlanNow = {
  /** In the order of no importance; a target that is missing is not there any more. */
  nodes: readonly PlanNode[];
  /** `null` = there is no such recipe any more. */
  recipeVersion: number | null;
  policyVersion: string | null;
  evidenceDigests: readonly string[];
  limits: RemediationLimits;
  /** Ids of the marks of its nodes that hold, sorted. */
  marks: readonly string[];
};

/** What is not as it was agreed on, in sentences; empty = everything is. */
export function planChanges(plan: PlanFacts, now: PlanNow, nowMs: number): string[] {
  const changes: string[] = [];
  const nodes = new Map(now.nodes.map((node) => [node.nodeId, node]));
  for (const target of plan.targets) {
    const changed = targetChange(plan.action, target, nodes.get(target.nodeId));
    if (changed !== null) changes.push(changed);
  }
  if (now.recipeVersion === null) changes.push(`There is no recipe ${plan.recipe} any more.`);
  else if (now.recipeVersion !== plan.recipeVersion)
    changes.push(`The recipe ${plan.recipe} is at version ${now.recipeVersion}, not ${plan.recipeVersion}.`);
  if (now.policyVersion !== plan.policyVersion)
    changes.push(
      `The policies in force are ${now.policyVersion ?? "the built-in one"}, not ${plan.policyVersion ?? "the built-in one"}.`,
    );
  const same =
    canonicalJson([...now.evidenceDigests].sort()) === canonicalJson([...plan.evidenceDigests].sort());
  if (restsOnEvidence(plan.action) && !same)
    changes.push("Its nodes have other evidence than was looked at.");
  if (plan.drill && canonicalJson(plan.drill.marks) !== canonicalJson(now.marks))
    changes.push("Its nodes are not marked as sacrificial as they were: a mark has ended or was made anew.");
  const limits = limitChanges(limitsOfPlan(plan), now.limits);
  if (limits.length > 0) changes.push(`Other limits are in force now: ${limits.join(", ")}.`);
  if (nowMs >= plan.expiresAtMs) changes.push("Its time is over.");
  return changes;
}

/** What is not as it was agreed on about one target; `null` = nothing. */
export function targetChange(
  action: RemediationAction,
  target: PlanFacts["targets"][number],
  node: PlanNode | undefined,
): string | null {
  if (!node) return "A node is not there any more.";
  if (!ALLOWED_FROM[action].includes(node.lifecycle)) return `${node.name} is ${node.lifecycle} now.`;
  if (node.incarnationId !== target.incarnationId) return `${node.name} was provisioned again.`;
  return null;
}

/** A maintenance window that is not over. */
export type WindowSpan = { fromMs: number; toMs: number };

/**
 * When the windows of all nodes next allow a start together.
 *
 * A node without a window may be acted on at any time; one with windows only within them.
 *
 * @param perNode live windows of each node
 * @returns `null` = now; `Infinity` = they never overlap
 */
export function windowsOpenMs(perNode: readonly (readonly WindowSpan[])[], nowMs: number): number | null {
  const bound = perNode.filter((spans) => spans.length > 0);
  const openAt = (at: number) =>
    bound.every((spans) => spans.some(({ fromMs, toMs }) => fromMs <= at && at < toMs));
  if (openAt(nowMs)) return null;
  const begins = bound.flatMap((spans) => spans.map(({ fromMs }) => fromMs)).filter((at) => at > nowMs);
  return begins.sort((a, b) => a - b).find(openAt) ?? Number.POSITIVE_INFINITY;
}

/** Until when credentials may be accepted, whatever is done to who holds them. */
export type Residual = { state: "none" } | { state: "unknown" } | { state: "until"; untilMs: number };

/** @param held what nodes were given; those that are over do not count */
export function residualAfter(
  held: readonly Pick<HeldCredential, "state" | "notAfterMs" | "residualUntilMs">[],
  nowMs: number,
): Residual {
  const ends = held
    .filter(({ state }) => state !== "expired")
    .map(({ state, notAfterMs, residualUntilMs }) =>
      state === "revoked" || state === "replaced" ? (residualUntilMs ?? notAfterMs) : notAfterMs,
    );
  if (ends.includes(null)) return { state: "unknown" };
  const untilMs = Math.max(...ends.flatMap((end) => end ?? []), 0);
  return untilMs > nowMs ? { state: "until", untilMs } : { state: "none" };
}

/** Longest time for which remediation is held back at once. Milliseconds. */
export const PAUSE_MAX_MS = 7 * 86_400_000;
