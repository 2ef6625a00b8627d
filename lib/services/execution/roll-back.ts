/** Taking back what was done to a node, in reverse order, each step observed like any other. */
import { type NewStep, type StepRow, stepSet, stepsAdd } from "#db/queries/execution";
import { OWN } from "#lib/domain/recipe-steps";
import { keeping, type Work } from "./lease.ts";

/** Ordinals of steps that take back; in their order the last that was done comes first. */
const BASE = 1_000;

/** Steps that take back what was done, or may have been; empty = nothing is left to plan. */
function undoing(steps: readonly StepRow[]): NewStep[] {
  const forward = steps.filter(({ rollsBack }) => rollsBack === null);
  const planned = new Set(steps.map(({ ordinal }) => ordinal));
  const undone = forward.filter(
    ({ state, undo }) => undo !== null && (state === "done" || state === "unknown"),
  );
  const rows = undone.map((step) => rowOf(step));
  const began = forward.find(({ event }) => event === "remediation.quarantine.executing");
  if (began && began.state === "done") rows.push(lifeRow(began));
  return rows.filter(({ ordinal }) => !planned.has(ordinal));
}

function rowOf(step: StepRow): NewStep {
  const { trustDomainId, requestId, nodeId, connectorId, connectorKind, target } = step;
  const ordinal = 2 * BASE - step.ordinal;
  return {
    ...{ trustDomainId, requestId, nodeId, ordinal, connectorId, connectorKind, target },
    verb: step.undo ?? "",
    mandatory: true,
    state: "pending",
    idempotencyKey: `${requestId}/${nodeId}/${ordinal}`,
    attempts: 0,
    words: `take back: ${step.words}`,
    rollsBack: step.ordinal,
  };
}

/** Last of all: the life cycle is told only what was seen. */
function lifeRow(began: StepRow): NewStep {
  const { trustDomainId, requestId, nodeId } = began;
  const ordinal = 2 * BASE + 1;
  return {
    ...{ trustDomainId, requestId, nodeId, ordinal },
    connectorId: null,
    connectorKind: OWN,
    verb: "lifecycle",
    mandatory: true,
    state: "pending",
    idempotencyKey: `${requestId}/${nodeId}/${ordinal}`,
    attempts: 0,
    words: "tell its life cycle: remediation.quarantine.aborted",
    event: "remediation.quarantine.aborted",
    rollsBack: began.ordinal,
  };
}

/** @returns whether anything was planned or settled; `false` = the node is as far as it can be */
export async function planRollBack(work: Work, steps: readonly StepRow[]): Promise<boolean> {
  const rows = undoing(steps);
  const back = steps.filter(
    ({ ordinal, state }) =>
      (state === "done" || state === "unknown") &&
      steps.some((one) => one.rollsBack === ordinal && one.state === "done" && one.connectorId !== null),
  );
  if (rows.length === 0 && back.length === 0) return false;
  await keeping(work, async (tx) => {
    await stepsAdd(tx, rows);
    for (const step of back) await stepSet(tx, step, { state: "rolled_back", endedAt: work.now() });
  });
  return true;
}

/** What was done and nothing takes back. */
export const irreversible = (steps: readonly StepRow[]): StepRow[] =>
  steps.filter(
    ({ rollsBack, effect, undo, state }) =>
      rollsBack === null && effect !== null && undo === null && (state === "done" || state === "unknown"),
  );
