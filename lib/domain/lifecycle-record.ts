/** What a life is folded from: everything that was recorded about a node, in one order, with what is known of it. */
import { BOOTSTRAP_EVENT_TYPES, type BootstrapEvent } from "./bootstrap-event.ts";
import type { LifecycleFacts } from "./lifecycle-guards.ts";
import { LIFECYCLE_TRIGGERS, type LifecycleEventType } from "./lifecycle-table.ts";
import type { LaneState } from "./trust-status.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Something that a guard asks for and that this version cannot know. It is taken for granted, and the
 * transition says so: `docs/adr/0010-what-the-life-cycle-may-believe.md`.
 */
export const FACT_NOTES = {
  incarnation_not_judged: "Which incarnation holds the credential is not known; it was issued to this node.",
  time_from_result: "The time is that of the result: nothing proves when the evidence was measured.",
  baseline_not_judged: "No baseline is kept here: the verifier's own reference values stood in.",
  key_not_judged: "Whether the attested key is bound to the credential is not known; both name this node.",
  retry_at_source: "A new start at its source counts as a retry by its operators.",
} as const;
export type FactNote = keyof typeof FACT_NOTES;

/** What stands behind a record. `line` = the node's own line changed, over all of its lanes. */
export type LifecycleCause =
  | { kind: "bootstrap_event"; id: string; sourceId: string }
  | { kind: "verdict"; id: string; sourceId: string }
  | { kind: "trigger"; id: string }
  | { kind: "line" | "timer" };

export type LifecycleActor = { kind: string; id: string | null };

/** One thing that happened, with what is established about it, so that it can be judged again at any time. */
export type LifecycleRecord = {
  type: LifecycleEventType;
  occurredAtMs: number;
  /** Orders records of the same instant and type; unique among them. */
  key: string;
  facts: Partial<LifecycleFacts>;
  notes: readonly FactNote[];
  cause: LifecycleCause;
  actor: LifecycleActor;
  policyVersion: string;
};

/** Name of the rules that decide; stored with every transition. */
export const LIFECYCLE_POLICY = "lifecycle-1";

/** A place in the order of a node's records. */
export type LifecyclePosition = { atMs: number; order: string };

/** Order of types within one instant: the natural course of a life, and the worst verdict last. */
const RANKS = new Map<LifecycleEventType, string>(
  [...BOOTSTRAP_EVENT_TYPES, ...LIFECYCLE_TRIGGERS].map((type, index) => [
    type,
    String(index).padStart(3, "0"),
  ]),
);

export function positionOf({
  occurredAtMs,
  type,
  key,
}: Pick<LifecycleRecord, "occurredAtMs" | "type" | "key">) {
  return { atMs: occurredAtMs, order: `${RANKS.get(type)} ${key}` } satisfies LifecyclePosition;
}

/** Place of a timer: after everything that happened in the same millisecond. */
export const timerPosition = (atMs: number): LifecyclePosition => ({ atMs, order: "~" });

export function comparePositions(a: LifecyclePosition, b: LifecyclePosition): number {
  return a.atMs - b.atMs || (a.order < b.order ? -1 : Number(a.order > b.order));
}

/** A bootstrap event of a source that is authoritative for its phase. */
export function recordOfEvent(event: {
  id: string;
  sourceId: string;
  externalId: string;
  type: BootstrapEvent["type"];
  occurredAtMs: number;
  actor: LifecycleActor;
  /** The source may introduce nodes that nobody provisioned here. */
  introducesNodes: boolean;
}): LifecycleRecord {
  const { id, sourceId, externalId, type, occurredAtMs, actor, introducesNodes } = event;
  const issued = type === "enrollment.credential_issued";
  return {
    type,
    occurredAtMs,
    key: `${sourceId} ${externalId}`,
    facts: { sourceMayIntroduceNodes: introducesNodes, ...(issued && { credentialBound: true }) },
    notes: issued ? ["incarnation_not_judged"] : [],
    cause: { kind: "bootstrap_event", id, sourceId },
    actor,
    policyVersion: LIFECYCLE_POLICY,
  };
}

const VERDICT_TRIGGERS: Partial<Record<LaneState, LifecycleEventType>> = {
  trusted: "verdict.pass",
  degraded: "verdict.warn",
  failed: "verdict.fail",
};

/** What a change of the node's own line says to its life; `null` for `pending`. */
export function recordOfLine({
  fromMs,
  state,
}: {
  fromMs: number;
  state: LaneState;
}): LifecycleRecord | null {
  const type = state === "stale" ? "timer.verdict_stale" : VERDICT_TRIGGERS[state];
  if (type === undefined) return null;
  return {
    type,
    occurredAtMs: fromMs,
    key: "",
    facts: {},
    notes: [],
    cause: { kind: "line" },
    actor: { kind: "system", id: "verdicts" },
    policyVersion: LIFECYCLE_POLICY,
  };
}

/**
 * One verdict about a node that waits for verdicts.
 *
 * @param fused what the node's own line says at that instant, over all lanes; the verdict alone decides nothing
 */
export function recordOfVerdict(verdict: {
  hash: string;
  sourceId: string;
  observedAtMs: number;
  freshness: Verdict["freshness"];
  fused: LaneState;
}): LifecycleRecord | null {
  const { hash, sourceId, observedAtMs, freshness, fused } = verdict;
  const type = VERDICT_TRIGGERS[fused];
  if (type === undefined) return null;
  const base = {
    type,
    occurredAtMs: observedAtMs,
    key: hash,
    cause: { kind: "verdict" as const, id: hash, sourceId },
    actor: { kind: "source", id: sourceId },
    policyVersion: LIFECYCLE_POLICY,
  };
  if (type !== "verdict.pass") return { ...base, facts: {}, notes: [] };
  const atMs = freshness === "none" ? null : observedAtMs;
  return {
    ...base,
    facts: {
      evidenceAtMs: atMs,
      nonceIssuedAtMs: atMs,
      baselineActive: true,
      keyBoundToCredential: true,
      everyVerifierPasses: true,
    },
    notes: [
      ...(freshness === "result_only" ? (["time_from_result"] as const) : []),
      "baseline_not_judged",
      "key_not_judged",
    ],
  };
}
