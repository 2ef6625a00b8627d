/** What an execution puts on the record: what it is about to do, and then what was seen. */
import type { Tx } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import type { StepRow } from "#db/queries/execution";
import type { RemediationRow } from "#db/queries/remediation";
import { REAL_DRILL } from "#lib/domain/sacrificial";
import { uuidv7 } from "#lib/services/uuidv7";

const PHASES = {
  intended: { action: "remediation.step_intended" },
  observed: { action: "remediation.step_observed" },
} as const;

/**
 * Append an entry about a step. An intention is committed before anything leaves, so that an effect without
 * one cannot be ours.
 */
export async function recordStep(
  tx: Tx,
  step: StepRow,
  entry: { phase: "intended" | "observed"; at: Date; after: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { trustDomainId, requestId, nodeId, ordinal, connectorKind, verb, idempotencyKey } = step;
  await auditInsert(tx, {
    trustDomainId,
    id: uuidv7(entry.at),
    at: entry.at,
    actorKind: "system",
    actorId: "executor",
    ...PHASES[entry.phase],
    entity: "remediation",
    entityId: requestId,
    outcome: "done",
    problemCode: null,
    before: { state: step.state },
    after: {
      ...{ nodeId, ordinal, connectorKind, verb, idempotencyKey },
      ...(step.target && { target: step.target.ref }),
      ...entry.after,
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
