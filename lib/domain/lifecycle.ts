/**
 * The life cycle of a node: one pure step, and the fold that rebuilds a node's state from its events.
 *
 * No clock, no I/O: instants are epoch milliseconds and come with the events.
 */
import {
  DEFAULT_LIMITS,
  GUARDS,
  type LifecycleContext,
  type LifecycleFacts,
  type LifecycleLimits,
  type LifecycleMemory,
  NO_FACTS,
} from "./lifecycle-guards.ts";
import {
  FORBIDDEN_EDGES,
  INITIAL_STATE,
  type LifecycleEventType,
  type LifecycleState,
  TRANSITIONS,
  type Transition,
} from "./lifecycle-table.ts";

export type LifecycleEvent = { type: LifecycleEventType; occurredAtMs: number };

/**
 * Why a node stays where it is: `forbidden` edges are named and worth an alert; a `late` event was
 * overtaken; a `guard` is not satisfied; `none` = the event says nothing to this state.
 */
export type Step =
  | { ok: true; state: LifecycleState; transitionId: string }
  | { ok: false; refusal: "forbidden"; forbiddenId: string }
  | { ok: false; refusal: "late" | "none" }
  | { ok: false; refusal: "guard"; transitionId: string };

/** Signs of life of a node's identity; from a quarantined node each of them is an alert. */
const IDENTITY_ACTIVITY: ReadonlySet<LifecycleEventType> = new Set([
  "enrollment.requested",
  "enrollment.approved",
  "enrollment.credential_issued",
  "enrollment.credential_renewed",
]);

/** States that an event leads to anywhere in the table. */
function targetsOf(type: LifecycleEventType): readonly LifecycleState[] {
  if (type === "provisioning.discovered") return ["discovered"];
  return TRANSITIONS.filter(({ on }) => on.includes(type)).map(({ to }) => to);
}

/** The transition of a state on an event; the table has at most one. */
export function transitionOf(state: LifecycleState, type: LifecycleEventType): Transition | undefined {
  return TRANSITIONS.find(({ from, on }) => from.includes(state) && on.includes(type));
}

function forbiddenEdge(state: LifecycleState, type: LifecycleEventType): string | undefined {
  const targets: readonly LifecycleState[] =
    state === "quarantined" && IDENTITY_ACTIVITY.has(type) ? ["enrolling"] : targetsOf(type);
  return FORBIDDEN_EDGES.find(
    ({ from, to }) =>
      (from === state && (to === "*" || targets.includes(to))) ||
      (from === "*" && to !== "*" && to !== state && targets.includes(to)),
  )?.id;
}

/** One event in one state. An event from before the state was entered never moves the node. */
export function next(state: LifecycleState, event: LifecycleEvent, context: LifecycleContext): Step {
  const transition = transitionOf(state, event.type);
  if (transition === undefined) {
    const forbiddenId = forbiddenEdge(state, event.type);
    return forbiddenId === undefined
      ? { ok: false, refusal: "none" }
      : { ok: false, refusal: "forbidden", forbiddenId };
  }
  if (event.occurredAtMs < context.enteredAtMs) return { ok: false, refusal: "late" };
  const { guard } = transition;
  if (guard !== null && !GUARDS[guard]({ state, event: event.type, context })) {
    return { ok: false, refusal: "guard", transitionId: transition.id };
  }
  return { ok: true, state: transition.to, transitionId: transition.id };
}

/** An event with what was established about it when it was taken in, so that it can be judged again. */
export type LifecycleRecord = LifecycleEvent & {
  /** Unique; orders events of the same millisecond. */
  id: string;
  facts: Partial<LifecycleFacts>;
};

export type Lifecycle = LifecycleMemory & {
  state: LifecycleState;
  /** What moved the node, oldest first. */
  path: readonly { recordId: string; transitionId: string; to: LifecycleState; atMs: number }[];
  /** Forbidden edges that events asked for, oldest first. */
  alerts: readonly { recordId: string; forbiddenId: string; atMs: number }[];
};

/**
 * The state that a node's events amount to, in whatever order they arrived.
 *
 * Events are put in the order in which they happened first, so an event that arrives late is judged
 * at its own place in time: it fills a gap in the past, and never drags the node back to it.
 */
export function foldLifecycle(
  records: readonly LifecycleRecord[],
  limits: LifecycleLimits = DEFAULT_LIMITS,
): Lifecycle {
  const path: { recordId: string; transitionId: string; to: LifecycleState; atMs: number }[] = [];
  const alerts: { recordId: string; forbiddenId: string; atMs: number }[] = [];
  let state = INITIAL_STATE;
  let memory: LifecycleMemory = FRESH;
  for (const record of [...records].sort(byTime)) {
    const facts = { ...NO_FACTS, ...record.facts };
    const step = next(state, record, { ...memory, facts, limits });
    const atMs = record.occurredAtMs;
    if (step.ok) {
      path.push({ recordId: record.id, transitionId: step.transitionId, to: step.state, atMs });
      memory = remember(memory, state, step.state, record);
      state = step.state;
    } else {
      if (step.refusal === "forbidden")
        alerts.push({ recordId: record.id, forbiddenId: step.forbiddenId, atMs });
      memory = noted(memory, state, record.type, facts);
    }
  }
  return { state, ...memory, path, alerts };
}

const FRESH: LifecycleMemory = {
  enteredAtMs: 0,
  enrollFailures: 0,
  passesInRow: 0,
  suspectOfAnomaly: false,
  failedFrom: null,
  credentialEverIssued: false,
};

function byTime(a: LifecycleRecord, b: LifecycleRecord): number {
  return a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}

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
): LifecycleMemory {
  if (type === "enrollment.credential_issued") return { ...memory, credentialEverIssued: true };
  if (state === "enrolling" && type === "enrollment.failed") {
    return { ...memory, enrollFailures: memory.enrollFailures + 1 };
  }
  if (state !== "suspect") return memory;
  if (type === "verdict.warn" || type === "verdict.fail") return { ...memory, passesInRow: 0 };
  if (type.startsWith("anomaly.")) return { ...memory, passesInRow: 0, suspectOfAnomaly: true };
  if (type !== "verdict.pass") return memory;
  const counts = GUARDS.evidenceIsComplete({
    state,
    event: type,
    context: { ...memory, facts, limits: DEFAULT_LIMITS },
  });
  return { ...memory, passesInRow: counts ? memory.passesInRow + 1 : 0 };
}
