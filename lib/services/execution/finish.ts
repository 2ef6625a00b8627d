/** What the steps of an execution amount to: the request moves on, and nodes on which something went wrong say so. */
import type { Tx } from "#db/client";
import { executionTaken, type StepRow } from "#db/queries/execution";
import { alarmRaise, alarmsEnd, dispositionSet, watchSet } from "#db/queries/execution-node";
import { remediationLock } from "#db/queries/remediation";
import {
  changedAnything,
  nodeOutcome,
  onlyVerifies,
  type StepStanding,
  type StepState,
} from "#lib/domain/execution";
import type { RequestEvent } from "#lib/domain/remediation";
import { moveRequest } from "#lib/services/remediation/move";
import { keeping, type Work } from "./lease.ts";
import { recordOutcome } from "./record.ts";
import { irreversible } from "./roll-back.ts";
import type { Standing } from "./take-up.ts";

/** How soon the containment of a node is read back after it was verified. Milliseconds. */
const FIRST_WATCH_MS = 60_000;

const isRehearsed = ({ observed }: StepRow): boolean =>
  (observed as { drill?: boolean } | null)?.drill === true;

export const standingOf = (step: StepRow): StepStanding => ({
  ordinal: step.ordinal,
  kind: step.connectorKind,
  verb: step.verb,
  // What was only rehearsed is not missing.
  mandatory: step.mandatory && !(step.state === "skipped" && isRehearsed(step)),
  verifies: step.verifies,
  state: step.state as StepState,
  attempts: step.attempts,
  startedMs: step.startedAt?.getTime() ?? null,
  endedMs: step.endedAt?.getTime() ?? null,
  dueMs: step.dueAt?.getTime() ?? null,
});

export const byNode = (steps: readonly StepRow[]): StepRow[][] => [
  ...Map.groupBy(steps, ({ nodeId }) => nodeId).values(),
];

const forward = (steps: readonly StepRow[]) =>
  steps.filter(({ rollsBack }) => rollsBack === null).map(standingOf);
const backward = (steps: readonly StepRow[]) =>
  steps.filter(({ rollsBack }) => rollsBack !== null).map(standingOf);

/** Nothing is left but to verify: the request says so. */
export async function nowVerifying(work: Work, { request, steps }: Standing): Promise<boolean> {
  if (request.state !== "executing" || steps.length === 0 || !onlyVerifies(forward(steps))) return false;
  await advance(work, ["observe"], null, async () => {});
  return true;
}

/** Every step is settled. */
export async function finish(work: Work, standing: Standing): Promise<void> {
  const { request, steps, recipe } = standing;
  if (request.state === "aborting") return finishAbort(work, standing);
  if (recipe === null || steps.length === 0) {
    const outcome = `This version has no recipe ${request.recipe} of version ${request.recipeVersion}; nothing was done.`;
    return advance(work, ["fail"], outcome, async () => {});
  }
  const nodes = byNode(steps);
  const bad = nodes.filter((own) => nodeOutcome(forward(own)) === "failed");
  if (bad.length === 0) {
    const events: RequestEvent[] = request.state === "executing" ? ["observe", "verify"] : ["verify"];
    return advance(work, events, null, async (tx, at) => {
      for (const own of nodes) await succeeded(tx, work, { standing, own, at });
    });
  }
  const outcome = outcomeOf(bad, nodes.length);
  const event = changedAnything(forward(steps)) ? "fail_partly" : "fail";
  await advance(work, [event], outcome, async (tx, at) => {
    for (const own of nodes) {
      if (!bad.includes(own)) await succeeded(tx, work, { standing, own, at });
      else if (event === "fail_partly") await raise(tx, work, own, at);
    }
  });
}

async function finishAbort(work: Work, { request, steps }: Standing): Promise<void> {
  const nodes = byNode(steps);
  const bad = nodes.filter(
    (own) => nodeOutcome(backward(own)) === "failed" || forward(own).some(({ state }) => state === "unknown"),
  );
  const stuck = irreversible(steps);
  const why = request.outcome ?? "It was stopped.";
  if (stuck.length > 0) {
    const words = stuck.map((step) => step.words).join("; ");
    return advance(work, ["fail"], `${why} Nothing takes this back: ${words}.`, async (tx, at) => {
      for (const own of nodes) await raise(tx, work, own, at);
    });
  }
  if (bad.length > 0)
    return advance(work, ["fail_partly"], `${why} ${outcomeOf(bad, nodes.length)}`, async (tx, at) => {
      for (const own of bad) await raise(tx, work, own, at);
    });
  await advance(work, ["roll_back"], why, async (tx, at) => {
    for (const own of nodes) await clear(tx, work, own, at);
  });
}

const problemsOf = (own: readonly StepRow[]): string =>
  own
    .filter(({ state, mandatory }) => mandatory && (state === "failed" || state === "unknown"))
    .map(({ words, problem }) => `${words}: ${problem ?? "it failed"}`)
    .join(" ");

function outcomeOf(bad: readonly StepRow[][], total: number): string {
  const first = bad.map(problemsOf).find((text) => text !== "") ?? "";
  return `${bad.length} of ${total} node${total === 1 ? "" : "s"} not done. ${first}`.trim().slice(0, 2_000);
}

type Succeeded = { standing: Standing; own: readonly StepRow[]; at: Date };

async function succeeded(tx: Tx, work: Work, { standing, own, at }: Succeeded): Promise<void> {
  const [step] = own;
  const { action, origin } = standing.request;
  if (!step || origin === "drill") return;
  await clear(tx, work, own, at);
  if (action === "quarantine")
    await watchSet(tx, work.key, step.nodeId, new Date(at.getTime() + FIRST_WATCH_MS));
  else await watchSet(tx, work.key, step.nodeId, null);
  if (action === "release") await dispositionSet(tx, step, "in_service");
}

async function clear(tx: Tx, { key }: Work, own: readonly StepRow[], at: Date): Promise<void> {
  const nodeId = own[0]?.nodeId;
  if (nodeId !== undefined) await alarmsEnd(tx, key, { nodeId, kind: "incomplete", at });
}

async function raise(tx: Tx, { key }: Work, own: readonly StepRow[], at: Date): Promise<void> {
  const nodeId = own[0]?.nodeId;
  if (nodeId === undefined) return;
  const detail = problemsOf(own).slice(0, 2_000);
  await alarmRaise(tx, key, { nodeId, kind: "incomplete", raisedAt: at, detail });
}

/** Move the request along some edges, with everything that belongs to it, in one transaction. */
function advance(
  work: Work,
  events: readonly RequestEvent[],
  outcome: string | null,
  also: (tx: Tx, at: Date) => Promise<void>,
): Promise<void> {
  return keeping(work, async (tx, at) => {
    const { trustDomainId, requestId } = work.key;
    let row = await remediationLock(tx, [trustDomainId], requestId);
    if (!row) throw new Error("An execution without its request");
    // People stopped it while its last step was settled: that comes first.
    const from = row.state;
    if (from !== (await executionTaken(tx, work.key))) return;
    for (const event of events)
      row = await moveRequest(tx, row, event, { at, ...(outcome !== null && { outcome }) });
    await executionTaken(tx, work.key, row.state);
    await also(tx, at);
    await recordOutcome(tx, row, { at, from });
  });
}
