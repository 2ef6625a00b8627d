/** Taking up an execution in the state that people or time have brought its request to. */
import type { Tx } from "#db/client";
import {
  type ExecutionKey,
  executionTaken,
  type NewStep,
  type StepRow,
  stepSet,
  stepsAdd,
} from "#db/queries/execution";
import {
  executionSteps,
  type RemediationRow,
  remediationLock,
  remediationTargets,
} from "#db/queries/remediation";
import { type Recipe, recipeById } from "#lib/domain/recipe";
import { OWN, REQUIREMENTS, stepsFor } from "#lib/domain/recipe-steps";
import { targetsFor } from "#lib/services/connector/open";
import { keeping, type Work } from "./lease.ts";

/** A request with its steps, as they are now. */
export type Standing = { request: RemediationRow; recipe: Recipe | null; steps: StepRow[] };

/** The recipe that was voted on; `null` = this version has another one, and nothing is begun. */
function recipeOf({ recipe, recipeVersion, action }: RemediationRow): Recipe | null {
  const found = recipeById(recipe);
  return found?.version === recipeVersion && found.action === action ? found : null;
}

/**
 * Read where an execution stands. When its request came to another state since, its steps are prepared for that
 * first, in the same transaction.
 */
export async function takeUp(work: Work): Promise<Standing> {
  const { key, tools } = work;
  return keeping(work, async (tx) => {
    const request = await remediationLock(tx, [key.trustDomainId], key.requestId);
    if (!request) throw new Error("An execution without its request");
    const recipe = recipeOf(request);
    const before = await executionTaken(tx, key);
    if (before !== request.state) {
      const had = await stepsOf(tx, key);
      if (had.length === 0 && recipe && request.state === "executing")
        await putSteps(tx, { request, recipe, known: await known(tx, request, tools.connectors) });
      else if (request.state === "executing" && before === "partially_failed")
        await again(tx, had, work.now());
      else if (request.state === "aborting") await stop(tx, had, work.now());
      await executionTaken(tx, key, request.state);
    }
    return { request, recipe, steps: await stepsOf(tx, key) };
  });
}

const stepsOf = (tx: Tx, { trustDomainId, requestId }: ExecutionKey): Promise<StepRow[]> =>
  executionSteps(tx, { trustDomainId, id: requestId });

async function known(tx: Tx, request: RemediationRow, connectors: Work["tools"]["connectors"]) {
  const targets = await remediationTargets(tx, request);
  const ids = targets.map(({ nodeId }) => nodeId);
  const byNode = await targetsFor(tx, connectors, request.trustDomainId, ids);
  return targets.map((target) => ({ ...target, available: byNode.get(target.nodeId) ?? [] }));
}

type Known = Awaited<ReturnType<typeof known>>;

/** A node for which something is missing gets its steps, too, and before them one that says what. */
async function putSteps(
  tx: Tx,
  { request, recipe, known }: { request: RemediationRow; recipe: Recipe; known: Known },
): Promise<void> {
  const rows = known.flatMap(({ nodeId, displayName, available }): NewStep[] => {
    const params = request.params as Record<string, unknown>;
    const { steps, checks } = stepsFor(recipe, { name: displayName }, available, params);
    const missing = checks.filter(({ ok, blocking }) => blocking && !ok).map(({ sentence }) => sentence);
    const rows = steps.map((step) => ({
      trustDomainId: request.trustDomainId,
      requestId: request.id,
      nodeId,
      ordinal: step.ordinal,
      connectorId: step.connectorId,
      connectorKind: step.kind,
      verb: step.verb,
      mandatory: step.mandatory,
      state: "pending",
      idempotencyKey: `${request.id}/${nodeId}/${step.ordinal}`,
      attempts: 0,
      words: step.words,
      target: step.target,
      undo: step.undo,
      effect: step.effect,
      verifies: step.verifies,
      event: step.event,
      timeoutMs: step.timeoutMs,
    }));
    return missing.length === 0 ? rows : [missingStep(request, nodeId, missing), ...rows];
  });
  await stepsAdd(tx, rows);
}

function missingStep(
  { trustDomainId, id, requestedAt }: RemediationRow,
  nodeId: string,
  missing: readonly string[],
): NewStep {
  const { ordinal, verb, words } = REQUIREMENTS;
  return {
    ...{ trustDomainId, requestId: id, nodeId, ordinal, verb, words },
    ...{ connectorId: null, connectorKind: OWN, mandatory: true, attempts: 0 },
    ...{ state: "failed", endedAt: requestedAt, problem: missing.join(" ") },
    idempotencyKey: `${id}/${nodeId}/${ordinal}`,
  };
}

/**
 * People let a partly failed request go on: what failed for certain is done anew, under a name of its own; what is
 * not known is looked at again under its old one.
 */
async function again(tx: Tx, steps: readonly StepRow[], at: Date): Promise<void> {
  const fresh = { attempts: 0, dueAt: null, startedAt: null, endedAt: null, problem: null };
  for (const step of steps) {
    if (step.rollsBack !== null) {
      if (step.state !== "done") await stepSet(tx, step, { state: "skipped", endedAt: at });
    } else if (step.state === "unknown") {
      await stepSet(tx, step, { ...fresh, attempts: step.attempts });
    } else if (step.state === "failed" || step.state === "rolled_back") {
      await stepSet(tx, step, { ...fresh, state: "pending", idempotencyKey: renewed(step.idempotencyKey) });
    } else if (step.state === "skipped") {
      await stepSet(tx, step, { ...fresh, state: "pending" });
    }
  }
}

/** `id/node/3` becomes `id/node/3/2`, then `id/node/3/3`. */
function renewed(key: string): string {
  const [request = "", node = "", ordinal = "", round = "1"] = key.split("/");
  return `${request}/${node}/${ordinal}/${Number(round) + 1}`;
}

/** People stop it: what was not begun is not begun. What was is stopped and seen first, then taken back. */
async function stop(tx: Tx, steps: readonly StepRow[], at: Date): Promise<void> {
  for (const step of steps) {
    const waits = step.connectorId === null && step.verb !== "lifecycle" && step.endedAt === null;
    if (step.rollsBack !== null) {
      const idempotencyKey = renewed(step.idempotencyKey);
      const fresh = { attempts: 0, dueAt: null, startedAt: null, endedAt: null, problem: null };
      await stepSet(tx, step, { ...fresh, state: "pending", idempotencyKey });
    } else if (step.state === "pending" || waits) {
      await stepSet(tx, step, { state: "skipped", endedAt: at, dueAt: null, problem: "It was stopped." });
    } else if (step.state === "running" || step.state === "unknown") {
      await stepSet(tx, step, { endedAt: null, dueAt: null });
    }
  }
}
