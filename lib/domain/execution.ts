/**
 * Execution of a request: what a step's answers make of it, and which step of a node is next.
 *
 * Pure; times are epoch milliseconds. Nothing here believes that something was done because it was asked for.
 */
import { OWN } from "./recipe-steps.ts";
import type { STEP_STATES } from "./remediation-plan.ts";

export type StepState = (typeof STEP_STATES)[number];

/** A step as it is decided about. */
export type StepStanding = {
  ordinal: number;
  kind: string;
  verb: string;
  mandatory: boolean;
  verifies: boolean;
  state: StepState;
  attempts: number;
  startedMs: number | null;
  /** `null` = it goes on. Of an unknown step: nobody looks any more. */
  endedMs: number | null;
  /** Not before; `null` = at once. */
  dueMs: number | null;
};

/** Starts of one step, after each of which it was observed not to have begun. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** How long to wait after an attempt. @param attempts made so far, from 1 */
export const pauseAfter = (attempts: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, Math.max(0, attempts - 1)));

/** How a call of a connector failed. `null` = it gave no answer of its own kind. */
export type CallFailure = { kind: string; retry: boolean; message: string };

/** What becomes of a step. `pending` = it may be begun once more; `running` and `unknown` are looked at first. */
export type StepTurn = {
  state: StepState;
  dueMs: number | null;
  over: boolean;
  problem: string | null;
};

/** Failures that say for certain that nothing was done: the other side, or we, refused. */
const CERTAIN: ReadonlySet<string> = new Set(["refused", "unauthorized", "not_found", "conflict"]);

/** Whether what a step is about is not there any more, or something else stands under its name. */
export const isGone = ({ kind, retry }: Pick<CallFailure, "kind" | "retry">): boolean =>
  kind === "not_found" || (kind === "conflict" && !retry);

/**
 * After a start that failed. What is not certain is looked at: an answer that was lost may be of a change
 * that was made.
 */
export function afterFailedStart(failure: CallFailure, attempts: number, nowMs: number): StepTurn {
  const problem = failure.message;
  if (failure.kind === "unauthorized" || (CERTAIN.has(failure.kind) && !failure.retry))
    return { state: "failed", dueMs: null, over: true, problem };
  return { state: "unknown", dueMs: nowMs + pauseAfter(attempts), over: false, problem };
}

export type Observed = { state: "not_started" | "running" | "done" | "failed"; detail: string };

/**
 * After looking. Only what was seen not to have begun is begun again, and only so often.
 *
 * @param timeoutMs from the start of the step
 */
export function afterLook(
  step: Pick<StepStanding, "attempts" | "startedMs">,
  { state, detail }: Observed,
  { timeoutMs, pollMs, nowMs }: { timeoutMs: number; pollMs: number; nowMs: number },
): StepTurn {
  if (state === "done") return { state: "done", dueMs: null, over: true, problem: null };
  if (state === "failed") return { state: "failed", dueMs: null, over: true, problem: detail };
  const late = nowMs - (step.startedMs ?? nowMs) >= timeoutMs;
  if (state === "running") {
    if (!late) return { state: "running", dueMs: nowMs + pollMs, over: false, problem: null };
    return { state: "unknown", dueMs: null, over: true, problem: `It was not done in time: ${detail}` };
  }
  if (late || step.attempts >= MAX_ATTEMPTS)
    return { state: "failed", dueMs: null, over: true, problem: `It did not begin: ${detail}` };
  return { state: "pending", dueMs: nowMs + pauseAfter(step.attempts), over: false, problem: detail };
}

/** After looking was not possible: what is not known stays unknown, and is given up in time. */
export function afterFailedLook(
  step: Pick<StepStanding, "attempts" | "startedMs">,
  failure: CallFailure,
  { timeoutMs, nowMs }: { timeoutMs: number; nowMs: number },
): StepTurn {
  const late = nowMs - (step.startedMs ?? nowMs) >= timeoutMs;
  const final = !failure.retry && failure.kind !== "invalid_answer";
  const problem = `Whether it was done is not known: ${failure.message}`;
  if (late || final) return { state: "unknown", dueMs: null, over: true, problem };
  return { state: "unknown", dueMs: nowMs + pauseAfter(step.attempts), over: false, problem };
}

export const isSettled = ({ state, endedMs }: Pick<StepStanding, "state" | "endedMs">): boolean =>
  state === "done" ||
  state === "failed" ||
  state === "skipped" ||
  state === "rolled_back" ||
  (state === "unknown" && endedMs !== null);

/** Whether a step that had to be done was not. */
const isLost = (step: StepStanding): boolean => step.mandatory && isSettled(step) && step.state !== "done";

/**
 * What comes next on a node. Steps are done one after the other, in order.
 *
 * `skip` = it is not done any more, because of what failed before it; `null` = the node is through.
 */
export function nextOf<S extends StepStanding>(
  steps: readonly S[],
  onFailure: "stop" | "continue",
): { step: S; skip: boolean } | null {
  const inOrder = [...steps].sort((a, b) => a.ordinal - b.ordinal);
  const step = inOrder.find((one) => !isSettled(one));
  if (!step) return null;
  const lost = inOrder.filter((one) => one.ordinal < step.ordinal && isLost(one));
  const stops = onFailure === "stop" || lost.some(({ kind }) => kind === OWN) || step.verb === "lifecycle";
  return { step, skip: lost.length > 0 && stops && step.state === "pending" };
}

/** What became of a node. */
export function nodeOutcome(steps: readonly StepStanding[]): "open" | "done" | "failed" {
  if (steps.some((step) => !isSettled(step))) return "open";
  return steps.some(isLost) ? "failed" : "done";
}

/** Whether nothing but verifying is left, on every node. */
export const onlyVerifies = (steps: readonly StepStanding[]): boolean =>
  steps.every((step) => step.verifies || isSettled(step)) && !steps.some(isLost);

/** Whether anything was changed, or may have been. */
export const changedAnything = (steps: readonly StepStanding[]): boolean =>
  steps.some(
    ({ kind, verb, state }) =>
      (kind !== OWN || verb === "lifecycle") && ["done", "running", "unknown", "rolled_back"].includes(state),
  );
