/**
 * The fold of a node's life: the log of its transitions from everything that was recorded about it.
 *
 * Pure, and independent of the order of arrival: records are put in the order in which they happened.
 * An event that arrives late is judged at its own place in time. It never becomes the present: that
 * changes only when the whole line of events, in their order, amounts to something else.
 */
import { next, type Step } from "./lifecycle.ts";
import {
  DEFAULT_LIMITS,
  GUARDS,
  type LifecycleFacts,
  type LifecycleLimits,
  type LifecycleMemory,
  NO_FACTS,
} from "./lifecycle-guards.ts";
import {
  comparePositions,
  LIFECYCLE_POLICY,
  type LifecyclePosition,
  type LifecycleRecord,
  positionOf,
  timerPosition,
} from "./lifecycle-record.ts";
import {
  FORBIDDEN_EDGES,
  INITIAL_STATE,
  type LifecycleEventType,
  type LifecycleState,
  TRANSITIONS,
} from "./lifecycle-table.ts";

/** Where a life stands: enough to go on from there. */
export type LifecycleStanding = {
  state: LifecycleState;
  memory: LifecycleMemory;
  /** Refusals recorded since the state was entered; the same one is recorded once per stay. */
  refused: readonly string[];
  /** The last record that was looked at; `null` = none. */
  position: LifecyclePosition | null;
};

type Entry = {
  position: LifecyclePosition;
  from: LifecycleState;
  /** When the state `from` was entered. */
  enteredAtMs: number;
  record: LifecycleRecord;
};

/** One line of the log. `to: null` = whatever the record asked for, it is forbidden. */
export type LifecycleEntry =
  | (Entry & { outcome: "moved"; to: LifecycleState; transitionId: string; standing: LifecycleStanding })
  | (Entry & {
      outcome: "refused";
      to: LifecycleState | null;
      /** The transition whose guard refused; `null` for a forbidden edge. */
      transitionId: string | null;
      ruleId: string | null;
      why: string;
    });

export type Walked = { standing: LifecycleStanding; log: readonly LifecycleEntry[] };

/** Asks for the verdicts of a waiting node after a cursor and up to an instant, in order of time and hash. */
export type VerdictRequest = {
  /** `attesting` counts every verdict, `suspect` only passes. */
  passesOnly: boolean;
  after: { atMs: number; hash: string };
  /** Inclusive; `null` = to the end. */
  untilMs: number | null;
};

/** Most verdicts of one answer; fewer end the stretch. */
export const VERDICT_PAGE = 200;

/** How long a node may stay in a state until a timer speaks. */
export const STATE_TIMEOUTS: Readonly<
  Partial<Record<LifecycleState, { afterMs: number; type: LifecycleEventType }>>
> = {
  provisioning: { afterMs: 60 * 60_000, type: "timer.provision_timeout" },
  enrolling: { afterMs: 600_000, type: "timer.enroll_timeout" },
  attesting: { afterMs: 15 * 60_000, type: "timer.attest_timeout" },
  reprovisioning: { afterMs: 60 * 60_000, type: "timer.reprovision_timeout" },
};

/** States whose next step may be any verdict, also one that repeats the statement before it. */
export const isWaiting = (state: LifecycleState) => state === "attesting" || state === "suspect";

/** A life that has only begun. */
export function newborn(firstSeenMs: number): LifecycleStanding {
  return {
    state: INITIAL_STATE,
    memory: { ...FRESH, enteredAtMs: firstSeenMs },
    refused: [],
    position: null,
  };
}

/**
 * Walk from a standing over the records after it.
 *
 * A generator, because verdicts of a waiting node are many and only some stretches matter: it yields what
 * it needs, and the caller sends it in.
 *
 * @param records any order; those at or before the standing's position are passed over
 * @param untilMs instant up to which timers are judged; `null` = only as far as records go
 */
export function* walkLifecycle(
  start: LifecycleStanding,
  records: readonly LifecycleRecord[],
  untilMs: number | null,
  limits: LifecycleLimits = DEFAULT_LIMITS,
): Generator<VerdictRequest, Walked, readonly LifecycleRecord[]> {
  const log: LifecycleEntry[] = [];
  let standing = start;
  const isAhead = (record: LifecycleRecord) =>
    standing.position === null || comparePositions(positionOf(record), standing.position) > 0;
  const queue = records.filter(isAhead).sort((a, b) => comparePositions(positionOf(a), positionOf(b)));

  /** Let a timer that ran out before an instant speak. */
  const timeOut = (beforeMs: number | null): boolean => {
    const timeout = STATE_TIMEOUTS[standing.state];
    const atMs = standing.memory.enteredAtMs + (timeout?.afterMs ?? 0);
    if (!timeout || beforeMs === null || atMs >= beforeMs) return false;
    standing = take(standing, timerRecord(timeout.type, atMs), timerPosition(atMs), limits, log);
    return true;
  };

  for (let index = 0; ; ) {
    const upcoming = queue[index];
    if (isWaiting(standing.state)) {
      const { state, memory, position } = standing;
      let after = { atMs: position?.atMs ?? memory.enteredAtMs, hash: "" };
      while (standing.state === state) {
        const page = yield {
          passesOnly: state === "suspect",
          after,
          untilMs: upcoming?.occurredAtMs ?? null,
        };
        for (const verdict of page) {
          after = { atMs: verdict.occurredAtMs, hash: verdict.key };
          if (!isAhead(verdict)) continue;
          if (upcoming && comparePositions(positionOf(verdict), positionOf(upcoming)) > 0) break;
          if (!timeOut(verdict.occurredAtMs))
            standing = take(standing, verdict, positionOf(verdict), limits, log);
          if (standing.state !== state) break;
        }
        if (page.length < VERDICT_PAGE) break;
      }
      if (standing.state !== state) continue;
    }
    if (timeOut(upcoming?.occurredAtMs ?? untilMs)) continue;
    if (!upcoming) return { standing, log };
    index += 1;
    // A waiting node is moved by each verdict of its log; the line tells of the same verdict again.
    const isTold = upcoming.cause.kind === "line" && upcoming.type === "verdict.pass";
    if (isTold && isWaiting(standing.state)) standing = { ...standing, position: positionOf(upcoming) };
    else standing = take(standing, upcoming, positionOf(upcoming), limits, log);
  }
}

/** One record in one standing; what it leads to is added to the log. */
function take(
  standing: LifecycleStanding,
  given: LifecycleRecord,
  position: LifecyclePosition,
  limits: LifecycleLimits,
  log: LifecycleEntry[],
): LifecycleStanding {
  const { state, memory, refused } = standing;
  const record = retried(state, given);
  const facts = { ...NO_FACTS, ...record.facts };
  const step = next(state, record, { ...memory, facts, limits });
  const entry = { position, from: state, enteredAtMs: memory.enteredAtMs, record };
  if (step.ok) {
    const after: LifecycleStanding = {
      state: step.state,
      memory: remember(memory, state, step.state, record),
      refused: [],
      position,
    };
    log.push({
      ...entry,
      outcome: "moved",
      to: step.state,
      transitionId: step.transitionId,
      standing: after,
    });
    return after;
  }
  const after = { ...standing, position, memory: noted(memory, state, record.type, facts, limits) };
  const refusal = refusalOf(step);
  if (!refusal) return after;
  const name = `${refusal.transitionId ?? refusal.ruleId} ${record.type}`;
  if (refused.includes(name)) return after;
  log.push({ ...entry, outcome: "refused", ...refusal });
  return { ...after, refused: [...refused, name] };
}

type Refusal = Pick<LifecycleEntry & { outcome: "refused" }, "to" | "transitionId" | "ruleId" | "why">;

/** What is worth recording of a step that was not made; `null` = it was overtaken, waits, or says nothing. */
function refusalOf(step: Exclude<Step, { ok: true }>): Refusal | null {
  switch (step.refusal) {
    case "forbidden": {
      const edge = FORBIDDEN_EDGES.find(({ id }) => id === step.forbiddenId);
      const to = edge && edge.to !== "*" ? edge.to : null;
      return { to, transitionId: null, ruleId: step.forbiddenId, why: edge?.why ?? "" };
    }
    case "guard": {
      if (step.waits) return null;
      const to = TRANSITIONS.find(({ id }) => id === step.transitionId)?.to ?? null;
      return { to, transitionId: step.transitionId, ruleId: null, why: step.why };
    }
    default:
      return null;
  }
}

const STARTS: ReadonlySet<LifecycleEventType> = new Set([
  "provisioning.registered",
  "provisioning.inspection_started",
  "provisioning.image_started",
]);
const INVITATIONS: ReadonlySet<LifecycleEventType> = new Set([
  "enrollment.token_issued",
  "enrollment.approved",
]);

/**
 * A failed node that is begun with again where it is provisioned, or invited again by a person, was
 * retried by its operators there.
 */
function retried(state: LifecycleState, record: LifecycleRecord): LifecycleRecord {
  if (state !== "failed" || record.cause.kind !== "bootstrap_event") return record;
  const notes = [...record.notes, "retry_at_source"] as const;
  if (STARTS.has(record.type)) return { ...record, type: "operator.retry_provision", notes };
  return INVITATIONS.has(record.type) && record.actor.kind === "user"
    ? { ...record, type: "operator.retry_enroll", notes }
    : record;
}

function timerRecord(type: LifecycleEventType, atMs: number): LifecycleRecord {
  return {
    type,
    occurredAtMs: atMs,
    key: "",
    facts: {},
    notes: [],
    cause: { kind: "timer" },
    actor: { kind: "system", id: "timer" },
    policyVersion: LIFECYCLE_POLICY,
  };
}

const FRESH: LifecycleMemory = {
  enteredAtMs: 0,
  enrollFailures: 0,
  passesInRow: 0,
  suspectOfAnomaly: false,
  failedFrom: null,
  credentialEverIssued: false,
};

/** Memory after a transition: counters belong to the state, the credential to the incarnation. */
function remember(
  { credentialEverIssued }: LifecycleMemory,
  from: LifecycleState,
  to: LifecycleState,
  { type, occurredAtMs }: LifecycleRecord,
): LifecycleMemory {
  const newIncarnation = from === "reprovisioning" && to === "enrolling";
  return {
    ...FRESH,
    enteredAtMs: occurredAtMs,
    suspectOfAnomaly: to === "suspect" && type.startsWith("anomaly."),
    failedFrom: to === "failed" ? from : null,
    credentialEverIssued:
      !newIncarnation && (credentialEverIssued || type === "enrollment.credential_issued"),
  };
}

/** Memory after an event that moved nothing but counts later. */
function noted(
  memory: LifecycleMemory,
  state: LifecycleState,
  type: LifecycleEventType,
  facts: LifecycleFacts,
  limits: LifecycleLimits,
): LifecycleMemory {
  if (type === "enrollment.credential_issued") return { ...memory, credentialEverIssued: true };
  if (state === "enrolling" && type === "enrollment.failed") {
    return { ...memory, enrollFailures: memory.enrollFailures + 1 };
  }
  if (state !== "suspect") return memory;
  if (type === "verdict.warn" || type === "verdict.fail") return { ...memory, passesInRow: 0 };
  if (type.startsWith("anomaly.")) return { ...memory, passesInRow: 0, suspectOfAnomaly: true };
  if (type !== "verdict.pass") return memory;
  const counts = !GUARDS.evidenceIsComplete({
    state,
    event: type,
    context: { ...memory, facts, limits },
  });
  return { ...memory, passesInRow: counts ? memory.passesInRow + 1 : 0 };
}
