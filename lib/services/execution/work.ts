/** Working on an execution, one step after the other, until nothing is due. */
import type { Db } from "#db/client";
import { executionRelease, type StepRow, stepSet } from "#db/queries/execution";
import { isSettled, nextOf } from "#lib/domain/execution";
import { runConnectorStep, settle, stopConnectorStep } from "./connector-step.ts";
import { rehearseStep } from "./drill.ts";
import { byNode, finish, nowVerifying, standingOf } from "./finish.ts";
import { claimWork, type ExecutionTools, keeping, LeaseLost, type Work } from "./lease.ts";
import { runOwnStep } from "./own-step.ts";
import { DrillOver } from "./record.ts";
import { planRollBack } from "./roll-back.ts";
import { type Standing, takeUp } from "./take-up.ts";

/**
 * Take one execution that is due and go on with it until it is over or has to wait.
 *
 * @returns whether there was one
 */
export async function workOnce(
  db: Db,
  tools: ExecutionTools,
  now: () => Date,
  signal: AbortSignal,
): Promise<boolean> {
  const work = await claimWork(db, tools, now, signal);
  if (!work) return false;
  try {
    while (!signal.aborted && (await turn(work))) {}
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
  } finally {
    await executionRelease(db, work.key, work.by);
  }
  return true;
}

/** One step of one node. @returns whether there may be more to do now */
async function turn(work: Work): Promise<boolean> {
  const standing = await takeUp(work);
  const { state } = standing.request;
  if (state !== "executing" && state !== "verifying" && state !== "aborting") return false;
  if (await nowVerifying(work, standing)) return true;
  let waits = false;
  for (const own of byNode(standing.steps)) {
    const next = await (state === "aborting" ? backStep(work, own) : forwardStep(standing, own));
    if (next === null) continue;
    if (next === "planned") return true;
    const { step, skip } = next;
    if (step.dueAt !== null && step.dueAt > work.now()) waits = true;
    else {
      await runOrEnd(work, standing, { step, own, skip });
      return true;
    }
  }
  if (waits) return false;
  await finish(work, standing);
  return false;
}

type Next = { step: StepRow; skip: boolean } | null;

function forwardStep({ recipe }: Standing, own: readonly StepRow[]): Next {
  return following(
    own.filter(({ rollsBack }) => rollsBack === null),
    recipe?.onFailure ?? "stop",
  );
}

/** First everything is stopped and seen, then what was done is taken back. */
async function backStep(work: Work, own: readonly StepRow[]): Promise<Next | "planned"> {
  const open = own.find((step) => step.rollsBack === null && !isSettled(standingOf(step)));
  if (open) return { step: open, skip: false };
  if (await planRollBack(work, own)) return "planned";
  return following(
    own.filter(({ rollsBack }) => rollsBack !== null),
    "continue",
  );
}

function following(steps: readonly StepRow[], onFailure: "stop" | "continue"): Next {
  const next = nextOf(steps.map(standingOf), onFailure);
  const step = next && steps.find(({ ordinal }) => ordinal === next.step.ordinal);
  return next && step ? { step, skip: next.skip } : null;
}

/** A drill whose mark is over ends with the step that was not begun any more. */
async function runOrEnd(work: Work, standing: Standing, one: Parameters<typeof run>[2]): Promise<void> {
  try {
    await run(work, standing, one);
  } catch (error) {
    if (!(error instanceof DrillOver)) throw error;
    await settle(work, one.step, { state: "failed", dueMs: null, over: true, problem: error.message }, {});
  }
}

async function run(
  work: Work,
  { request }: Standing,
  { step, own, skip }: { step: StepRow; own: readonly StepRow[]; skip: boolean },
): Promise<void> {
  if (request.origin === "drill") await rehearseStep(work, request, step);
  else if (skip) {
    await keeping(work, (tx, at) =>
      stepSet(tx, step, { state: "skipped", endedAt: at, problem: "Something before it failed." }),
    );
  } else if (step.connectorId === null) await runOwnStep(work, request, step, own);
  else if (request.state === "aborting" && step.rollsBack === null) await stopConnectorStep(work, step);
  else await runConnectorStep(work, request, step, own);
}
