/** How far a node has come from discovery to trust, from the events and history that really exist. Pure. */
import type { StageView } from "#lib/contracts/lifecycle";
import type { EventView, LifecycleStay } from "#lib/contracts/node";
import type { BootstrapOutcome } from "#lib/domain/bootstrap-event";

export const STAGES = [
  { id: "discovered", label: "Discovered" },
  { id: "provisioning", label: "Provisioning" },
  { id: "enrolling", label: "Enrolling" },
  { id: "credential", label: "Credential issued" },
  { id: "attested", label: "Attested" },
  { id: "trusted", label: "Trusted" },
] as const;
export type StageId = (typeof STAGES)[number]["id"];

/** Where a stage stands; `unknown` = no event says anything about it. */
export type StageState = "done" | "failed" | "pending" | "unknown";

export type Stage = {
  id: StageId;
  label: string;
  state: StageState;
  /** When the stage was first reached; `null` while no event says so. */
  atMs: number | null;
  /** Time since the nearest earlier stage that was reached; `null` when there is none. */
  afterMs: number | null;
  /** Events that belong to the stage. */
  events: number;
  /** What went wrong, when the last word of the stage is a failure. */
  problem: { reasonCode: string | null; reasonText: string | null; outcome: BootstrapOutcome } | null;
};

/** The stage that an event belongs to; `null` for those of a node's later life. */
function stageOfEvent(type: string): StageId | null {
  if (type === "provisioning.discovered" || type === "provisioning.registered") return "discovered";
  if (type.startsWith("provisioning.deprovision") || type === "provisioning.hardware_changed") return null;
  if (type.startsWith("provisioning.")) return "provisioning";
  if (type === "enrollment.credential_issued") return "credential";
  if (type === "enrollment.credential_renewed" || type === "enrollment.credential_expired") return null;
  if (type === "enrollment.token_revoked") return null;
  return type.startsWith("enrollment.") ? "enrolling" : null;
}

type StageEvent = Pick<EventView, "type" | "outcome" | "occurredAt" | "reasonCode" | "reasonText">;

/**
 * The six stages in order. Nothing is guessed: a later stage does not prove an earlier one.
 *
 * @param firstVerdictMs first appraisal ever; `null` when there was none
 * @param firstTrustedMs first instant at which the node was trusted; `null` when it never was
 */
export function bootstrapStages(
  events: readonly StageEvent[],
  firstVerdictMs: number | null,
  firstTrustedMs: number | null,
): Stage[] {
  const ordered = [...events].sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
  let earlierMs: number | null = null;
  const stages = STAGES.map(({ id, label }): Stage => {
    const own = ordered.filter(({ type }) => stageOfEvent(type) === id);
    const fromHistory = id === "attested" ? firstVerdictMs : id === "trusted" ? firstTrustedMs : null;
    const stage = stageFrom(own, fromHistory);
    const afterMs =
      stage.atMs !== null && earlierMs !== null && stage.atMs >= earlierMs ? stage.atMs - earlierMs : null;
    if (stage.atMs !== null) earlierMs = Math.max(earlierMs ?? stage.atMs, stage.atMs);
    return { id, label, afterMs, ...stage };
  });
  return stages.map((stage, index) =>
    isAnswered(stage, stages.slice(index + 1)) ? { ...stage, state: "done" } : stage,
  );
}

/** A stage that was begun and then left behind by a later one is no longer pending. */
function isAnswered({ state, atMs }: Stage, later: readonly Stage[]): boolean {
  return (
    state === "pending" && later.some((next) => next.state === "done" && (next.atMs ?? 0) >= (atMs ?? 0))
  );
}

function stageFrom(
  events: readonly StageEvent[],
  historyMs: number | null,
): Pick<Stage, "state" | "atMs" | "events" | "problem"> {
  if (historyMs !== null) return { state: "done", atMs: historyMs, events: 0, problem: null };
  const last = events.at(-1);
  if (!last) return { state: "unknown", atMs: null, events: 0, problem: null };
  const reached = events.find(({ outcome }) => outcome === "success" || outcome === "info") ?? null;
  const failed = last.outcome === "failure" || last.outcome === "denied";
  const at = reached ?? last;
  return {
    state: failed ? "failed" : reached ? "done" : "pending",
    atMs: Date.parse(at.occurredAt),
    events: events.length,
    problem: failed
      ? { reasonCode: last.reasonCode, reasonText: last.reasonText, outcome: last.outcome }
      : null,
  };
}

const WORD_BREAK = /[._]/g;

/** An event type as words: `enrollment.credential_issued` → `Credential issued`. */
export function eventWords(type: string): string {
  const words = (type.split(".").slice(1).join(" ") || type).replace(WORD_BREAK, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const EVENT_OUTCOME_WORDS: Record<BootstrapOutcome, string> = {
  success: "Succeeded",
  failure: "Failed",
  denied: "Denied",
  pending: "Pending",
  info: "Noted",
};

/** How long the node was in one stage of its way to trust, beside the fleet. */
export type StageDuration = {
  stage: StageView["stage"];
  ms: number;
  /** It still is. */
  open: boolean;
} & Pick<StageView, "p50Ms" | "p90Ms" | "n">;

/**
 * Time in each stage that the node was in; of several stays the last counts.
 *
 * @param nowMs end of a stay that is still open
 */
export function stageDurations(
  stays: readonly Pick<LifecycleStay, "state" | "from" | "to">[],
  fleet: readonly StageView[],
  nowMs: number,
): StageDuration[] {
  return fleet.flatMap(({ stage, p50Ms, p90Ms, n }) => {
    const stay = stays.findLast(({ state }) => state === stage);
    if (!stay) return [];
    const endMs = stay.to === null ? nowMs : Date.parse(stay.to);
    return [
      { stage, ms: Math.max(0, endMs - Date.parse(stay.from)), open: stay.to === null, p50Ms, p90Ms, n },
    ];
  });
}
