/** What an execution puts on the record: what it is about to do, and then what was seen. */
import type { Tx } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import type { StepRow } from "#db/queries/execution";
import type { RemediationRow } from "#db/queries/remediation";
import { REAL_DRILL } from "#lib/domain/sacrificial";
import { lostMarks } from "#lib/services/remediation/plan";
import { uuidv7 } from "#lib/services/uuidv7";

const PHASES = {
  intended: { action: "remediation.step_intended" },
  observed: { action: "remediation.step_observed" },
} as const;

type Entry = { at: Date; after: Readonly<Record<string, unknown>> };

/** The node of a drill is not marked any more: nothing else is begun on it. The message is for people. */
export class DrillOver extends Error {
  override readonly name = "DrillOver";
}

/**
 * Append that a step is about to begin. It is committed before anything leaves, so that an effect without an
 * intention cannot be ours.
 *
 * What verifies and what takes back is begun on a node of a drill whatever became of its mark: it leaves less behind.
 *
 * @throws {DrillOver} and then nothing is begun: the mark cannot end between this and the end of `tx`
 */
export async function recordIntention(
  tx: Tx,
  request: Pick<RemediationRow, "trustDomainId" | "plan" | "origin">,
  step: StepRow,
  entry: Entry,
): Promise<void> {
  const acts = !step.verifies && step.rollsBack === null;
  const lost = acts ? await lostMarks(tx, request, [step.nodeId], entry.at) : null;
  if (lost !== null) throw new DrillOver(lost);
  await recordStep(tx, step, "intended", entry);
}

/** Append what was seen of a step. */
export const recordObservation = (tx: Tx, step: StepRow, entry: Entry): Promise<void> =>
  recordStep(tx, step, "observed", entry);

async function recordStep(
  tx: Tx,
  step: StepRow,
  phase: keyof typeof PHASES,
  { at, after }: Entry,
): Promise<void> {
  const { trustDomainId, requestId, nodeId, ordinal, connectorKind, verb, idempotencyKey } = step;
  await auditInsert(tx, {
    trustDomainId,
    id: uuidv7(at),
    at,
    actorKind: "system",
    actorId: "executor",
    ...PHASES[phase],
    entity: "remediation",
    entityId: requestId,
    outcome: "done",
    problemCode: null,
    before: { state: step.state },
    after: {
      ...{ nodeId, ordinal, connectorKind, verb, idempotencyKey },
      ...(step.target && { target: step.target.ref }),
      ...after,
    },
    requestId,
    address: null,
  });
}

/** Append what a whole request came to. */
export async function recordOutcome(
  tx: Tx,
  { trustDomainId, id, state, outcome, origin }: RemediationRow,
  { at, from }: { at: Date; from: string },
): Promise<void> {
  await auditInsert(tx, {
    trustDomainId,
    id: uuidv7(at),
    at,
    actorKind: "system",
    actorId: "executor",
    action: "remediation.executed",
    entity: "remediation",
    entityId: id,
    outcome: "done",
    problemCode: null,
    before: { state: from },
    after: { state, outcome, ...(origin === REAL_DRILL && { realDrill: true }) },
    requestId: id,
    address: null,
  });
}
