/**
 * Remediation: what can be done to nodes, and the life of a request to do it.
 *
 * Pure; times are epoch milliseconds.
 */
import { canonicalJson } from "./change-request.ts";
import type { RemediationLimits } from "./remediation-limits.ts";

export const ACTIONS = ["quarantine", "release", "reprovision", "rekey", "rollback", "decommission"] as const;
export type RemediationAction = (typeof ACTIONS)[number];

export const REQUEST_STATES = [
  "pending",
  "approved",
  "scheduled",
  "executing",
  "verifying",
  "aborting",
  "succeeded",
  "partially_failed",
  "failed",
  "aborted",
  "denied",
  "expired",
  "superseded",
  "cancelled",
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const REQUEST_EVENTS = [
  /** All groups have approved. */
  "approve",
  "deny",
  "expire",
  "cancel",
  /** Approved for a later start, or waiting for its window. */
  "schedule",
  /** The targets are not what was approved any more. */
  "supersede",
  "start",
  /** Executed at once by a person who may; reviewed afterwards. */
  "break_glass",
  /** Every mandatory step was observed to be done. */
  "observe",
  /** Some targets are done and some are not, or an outcome is not known. */
  "fail_partly",
  "fail",
  "verify",
  "abort",
  /** Everything that was applied is rolled back, and that was observed. */
  "roll_back",
  "retry",
] as const;
export type RequestEvent = (typeof REQUEST_EVENTS)[number];

/** Every edge there is. A partly failed request is not over: it is retried or aborted by people. */
const EDGES: Readonly<Record<RequestState, Readonly<Partial<Record<RequestEvent, RequestState>>>>> = {
  pending: {
    approve: "approved",
    deny: "denied",
    expire: "expired",
    cancel: "cancelled",
    supersede: "superseded",
    break_glass: "executing",
  },
  approved: {
    schedule: "scheduled",
    start: "executing",
    deny: "denied",
    expire: "expired",
    cancel: "cancelled",
    supersede: "superseded",
  },
  scheduled: {
    start: "executing",
    deny: "denied",
    expire: "expired",
    cancel: "cancelled",
    supersede: "superseded",
  },
  executing: { observe: "verifying", fail_partly: "partially_failed", fail: "failed", abort: "aborting" },
  verifying: { verify: "succeeded", fail_partly: "partially_failed", fail: "failed", abort: "aborting" },
  partially_failed: { retry: "executing", abort: "aborting", fail: "failed" },
  aborting: { roll_back: "aborted", fail_partly: "partially_failed", fail: "failed" },
  succeeded: {},
  failed: {},
  aborted: {},
  denied: {},
  expired: {},
  superseded: {},
  cancelled: {},
};

/** Where an event leads; `null` = there is no such edge, and nothing may be done. */
export function nextRequestState(state: RequestState, event: RequestEvent): RequestState | null {
  return EDGES[state][event] ?? null;
}

/** Whether a request is over, for good. */
export function isOver(state: RequestState): boolean {
  return Object.keys(EDGES[state]).length === 0;
}

/** Whether people can still vote: nothing has been done yet. After the start there is only abort. */
export function isOpenToVotes(state: RequestState): boolean {
  return state === "pending" || state === "approved" || state === "scheduled";
}

/** Everything that was agreed on. Whatever of it changes makes another plan, and voids the votes. */
export type PlanFacts = {
  action: RemediationAction;
  /** Nodes with the provisioning that is open now; `null` = none is known. */
  targets: readonly { nodeId: string; incarnationId: string | null }[];
  recipe: string;
  recipeVersion: number;
  params: Readonly<Record<string, unknown>>;
  policyVersion: string | null;
  /** Hex digests of the evidence that the request rests on. */
  evidenceDigests: readonly string[];
  /** After this instant it may not be started any more. */
  expiresAtMs: number;
  /** Not before; `null` = at once. */
  startAtMs: number | null;
  /** Whether it waits for the maintenance windows of its nodes. */
  window: "ignore" | "respect";
  /** The limits that it was checked against. */
  limits: RemediationLimits;
  /** A drill for real, by the ids of the marks that let it be one, sorted. Absent = it is none. */
  drill?: { marks: readonly string[] };
};

/** The text whose SHA-256 the votes are bound to: equal for equal plans, however they were put together. */
export function planText(plan: PlanFacts): string {
  const targets = [...plan.targets].sort((a, b) => (a.nodeId < b.nodeId ? -1 : +(a.nodeId > b.nodeId)));
  return canonicalJson({ ...plan, targets, evidenceDigests: [...plan.evidenceDigests].sort() });
}

/** How long a request waits for its approvals, and how long they hold. */
export const PENDING_TTL_MS = 3_600_000;
export const APPROVED_TTL_MS = 1_800_000;
/** A break-glass action must be reviewed within this. */
export const REVIEW_TTL_MS = 86_400_000;
/** Shortest reason that says anything, after trimming. */
export const REMEDIATION_REASON_MIN = 10;
