/**
 * The life cycle of a node: one pure step. `lifecycle-walk.ts` makes the steps of a whole life.
 *
 * No clock, no I/O: instants are epoch milliseconds and come with the events.
 */
import { GUARDS, type LifecycleContext } from "./lifecycle-guards.ts";
import {
  FORBIDDEN_EDGES,
  type ForbiddenEdge,
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
  | { ok: false; refusal: "guard"; transitionId: string; why: string; waits: boolean };

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

function forbiddenEdge(state: LifecycleState, type: LifecycleEventType): ForbiddenEdge | undefined {
  const targets: readonly LifecycleState[] =
    state === "quarantined" && IDENTITY_ACTIVITY.has(type) ? ["enrolling"] : targetsOf(type);
  return FORBIDDEN_EDGES.find(
    ({ from, to }) =>
      (from === state && (to === "*" || targets.includes(to))) ||
      (from === "*" && to !== "*" && to !== state && targets.includes(to)),
  );
}

/** One event in one state. An event from before the state was entered never moves the node. */
export function next(state: LifecycleState, event: LifecycleEvent, context: LifecycleContext): Step {
  const transition = transitionOf(state, event.type);
  if (transition === undefined) {
    const edge = forbiddenEdge(state, event.type);
    return edge === undefined
      ? { ok: false, refusal: "none" }
      : { ok: false, refusal: "forbidden", forbiddenId: edge.id };
  }
  if (event.occurredAtMs < context.enteredAtMs) return { ok: false, refusal: "late" };
  const { guard } = transition;
  const objection = guard === null ? null : GUARDS[guard]({ state, event: event.type, context });
  if (objection) return { ok: false, refusal: "guard", transitionId: transition.id, ...objection };
  return { ok: true, state: transition.to, transitionId: transition.id };
}
