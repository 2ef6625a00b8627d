/** One step of a connector: intended, called, observed. */
import { type RequestRow, type StepRow, stepSet } from "#db/queries/execution";
import type { Facts, Observation } from "#lib/connectors/contract";
import { afterFailedLook, afterFailedStart, afterLook, isGone, type StepTurn } from "#lib/domain/execution";
import { type Called, callConnector, stepTimeoutMs } from "./call.ts";
import { keeping, type Work } from "./lease.ts";
import { recordIntention, recordObservation } from "./record.ts";

/** Between two looks at what runs over there. Milliseconds. */
const POLL_MS = 5_000;

const GONE = { state: "done", dueMs: null, over: true, problem: null } as const;

/**
 * Whether the node was rebuilt before a step that takes back what was done to it. What was done went with what the
 * node was then; what stands in its place now was never touched, and is not.
 */
export const wentWithRebuild = (step: StepRow, own: readonly StepRow[]): boolean =>
  step.verifies &&
  own.some(
    ({ ordinal, effect, state, rollsBack }) =>
      effect === "rebuilt" && state === "done" && rollsBack === null && ordinal < step.ordinal,
  );

/**
 * Go one step on with a step that is due.
 *
 * What has been begun before, by whomever, is looked at first: only what was seen not to have begun is begun.
 *
 * @param own all steps of the node
 */
export async function runConnectorStep(
  work: Work,
  request: RequestRow,
  step: StepRow,
  own: readonly StepRow[],
): Promise<void> {
  const begun = step.state === "pending" ? await intend(work, request, step) : step;
  if (wentWithRebuild(step, own)) {
    const seen = await look(work, begun);
    if (!seen.ok && isGone(seen.failure)) {
      await settle(work, begun, GONE, { gone: true, detail: seen.failure.message });
      return;
    }
  }
  if (step.state === "pending") {
    await begin(work, begun);
    return;
  }
  const seen = await look(work, step);
  if (seen.ok && seen.value.state === "running" && seen.value.facts.next === true) {
    await begin(work, step);
    return;
  }
  await settleLook(work, step, seen);
}

/** Committed before anything leaves. */
function intend(work: Work, request: RequestRow, step: StepRow): Promise<StepRow> {
  return keeping(work, async (tx, at) => {
    const values = {
      state: "running",
      attempts: step.attempts + 1,
      startedAt: step.startedAt ?? at,
      dueAt: null,
      problem: null,
    };
    await recordIntention(tx, request, step, { at, after: { attempt: values.attempts } });
    await stepSet(tx, step, values);
    return { ...step, ...values };
  });
}

async function begin(work: Work, step: StepRow): Promise<void> {
  const started = await callConnector(work, step, ({ connector, ctx, target }) =>
    connector.start(ctx, target, step.verb, step.idempotencyKey),
  );
  if (started.ok) {
    await settleLook(work, step, await look(work, step));
    return;
  }
  const turn = afterFailedStart(started.failure, step.attempts, work.now().getTime());
  await settle(work, step, turn, { failure: started.failure.kind });
}

const look = (work: Work, step: StepRow): Promise<Called<Observation>> =>
  callConnector(work, step, ({ connector, ctx, target }) =>
    connector.observe(ctx, target, step.verb, step.idempotencyKey),
  );

async function settleLook(work: Work, step: StepRow, seen: Called<Observation>): Promise<void> {
  const nowMs = work.now().getTime();
  const timeoutMs = stepTimeoutMs(work, step);
  const standing = { attempts: step.attempts, startedMs: step.startedAt?.getTime() ?? null };
  if (seen.ok) {
    const { detail, facts } = seen.value;
    const turn = afterLook(standing, seen.value, { timeoutMs, pollMs: POLL_MS, nowMs });
    await settle(work, step, turn, { detail, ...facts });
    return;
  }
  const turn = afterFailedLook(standing, seen.failure, { timeoutMs, nowMs });
  await settle(work, step, turn, { failure: seen.failure.kind });
}

/** Stop what still runs of a step, and see what became of it. What never began is skipped. */
export async function stopConnectorStep(work: Work, step: StepRow): Promise<void> {
  const seen = await callConnector(work, step, ({ connector, ctx, target }) =>
    connector.abort(ctx, target, step.verb, step.idempotencyKey),
  );
  if (seen.ok && seen.value.state === "not_started") {
    const turn = { state: "skipped", dueMs: null, over: true, problem: "It was stopped." } as const;
    await settle(work, step, turn, { detail: seen.value.detail });
    return;
  }
  await settleLook(work, step, seen);
}

/** Write what became of a step; an entry for every change, none for waiting on. */
export function settle(work: Work, step: StepRow, turn: StepTurn, observed: Facts): Promise<void> {
  return keeping(work, async (tx, at) => {
    const { state, dueMs, over, problem } = turn;
    if (over || state !== step.state)
      await recordObservation(tx, step, { at, after: { state, problem, observed } });
    await stepSet(tx, step, {
      state,
      dueAt: dueMs === null ? null : new Date(dueMs),
      endedAt: over ? at : null,
      observed,
      problem,
    });
  });
}
