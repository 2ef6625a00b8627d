/** Executions and their steps: who works on which, and what became of it. */
import { and, eq, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { execution, executionStep, type remediationRequest } from "#db/schema/remediation";
import { instant, rowsOf } from "./sql.ts";

export type ExecutionKey = { trustDomainId: string; requestId: string };
export type StepRow = typeof executionStep.$inferSelect;
export type NewStep = typeof executionStep.$inferInsert;
export type RequestRow = typeof remediationRequest.$inferSelect;

const named = ({ trustDomainId, requestId }: ExecutionKey) =>
  and(eq(execution.trustDomainId, trustDomainId), eq(execution.requestId, requestId));

/**
 * Take one execution that is due and that nobody works on. Two who ask at once never get the same one.
 *
 * Due is what has a node whose next step is due, no open step, or a request that people changed since.
 */
export async function executionClaim(
  conn: Conn,
  { by, now, until }: { by: string; now: Date; until: Date },
): Promise<ExecutionKey | undefined> {
  const [row] = await rowsOf<ExecutionKey>(
    conn,
    sql`UPDATE execution e SET claimed_by = ${by}, claimed_until = ${instant(until)}
      FROM (
        SELECT x.trust_domain_id, x.request_id FROM execution x
        JOIN remediation_request r ON r.trust_domain_id = x.trust_domain_id AND r.id = x.request_id
        WHERE r.state IN ('executing', 'verifying', 'aborting')
          AND (x.claimed_until IS NULL OR x.claimed_until <= ${instant(now)})
          AND (x.taken_up IS DISTINCT FROM r.state OR coalesce((
            SELECT bool_or(next.due_at IS NULL OR next.due_at <= ${instant(now)}) FROM (
              SELECT DISTINCT ON (s.node_id) s.due_at FROM execution_step s
              WHERE s.trust_domain_id = x.trust_domain_id AND s.request_id = x.request_id AND s.ended_at IS NULL
              ORDER BY s.node_id, s.ordinal) next), true))
        ORDER BY x.started_at, x.request_id LIMIT 1 FOR UPDATE OF x SKIP LOCKED) due
      WHERE e.trust_domain_id = due.trust_domain_id AND e.request_id = due.request_id
      RETURNING e.trust_domain_id AS "trustDomainId", e.request_id AS "requestId"`,
  );
  return row;
}

/**
 * Keep an execution, and lock it until the transaction ends. Everything that a worker writes begins with this.
 *
 * @returns false when it was lost: it ran out, or another one has it
 */
export async function executionKeep(
  tx: Tx,
  key: ExecutionKey,
  { by, now, until }: { by: string; now: Date; until: Date },
): Promise<boolean> {
  const rows = await tx
    .update(execution)
    .set({ claimedUntil: until })
    .where(and(named(key), eq(execution.claimedBy, by), sql`${execution.claimedUntil} > ${instant(now)}`))
    .returning({ requestId: execution.requestId });
  return rows.length === 1;
}

/**
 * State of the request that was taken up last; `null` = none was.
 *
 * @param state set it to this first
 */
export async function executionTaken(tx: Tx, key: ExecutionKey, state?: string): Promise<string | null> {
  if (state !== undefined) await tx.update(execution).set({ takenUp: state }).where(named(key));
  const [row] = await tx.select({ takenUp: execution.takenUp }).from(execution).where(named(key));
  return row?.takenUp ?? null;
}

/** Let go of it; who has lost it lets go of nothing. */
export async function executionRelease(conn: Conn, key: ExecutionKey, by: string): Promise<void> {
  await conn
    .update(execution)
    .set({ claimedBy: null, claimedUntil: null })
    .where(and(named(key), eq(execution.claimedBy, by)));
}

export async function stepsAdd(tx: Tx, rows: readonly NewStep[]): Promise<void> {
  if (rows.length > 0)
    await tx
      .insert(executionStep)
      .values([...rows])
      .onConflictDoNothing();
}

export type StepKey = Pick<StepRow, "trustDomainId" | "requestId" | "nodeId" | "ordinal">;

export async function stepSet(
  tx: Tx,
  { trustDomainId, requestId, nodeId, ordinal }: StepKey,
  values: Partial<
    Pick<
      StepRow,
      | "state"
      | "attempts"
      | "dueAt"
      | "startedAt"
      | "endedAt"
      | "observed"
      | "problem"
      | "idempotencyKey"
      | "mandatory"
    >
  >,
): Promise<void> {
  await tx
    .update(executionStep)
    .set(values)
    .where(
      and(
        eq(executionStep.trustDomainId, trustDomainId),
        eq(executionStep.requestId, requestId),
        eq(executionStep.nodeId, nodeId),
        eq(executionStep.ordinal, ordinal),
      ),
    );
}

/** People whose approval of the plan as it is counts, each once. */
export async function approversOf(conn: Conn, key: ExecutionKey): Promise<string[]> {
  const rows = await rowsOf<{ person: string }>(
    conn,
    sql`SELECT DISTINCT v.person FROM remediation_vote v
      JOIN remediation_request r ON r.trust_domain_id = v.trust_domain_id AND r.id = v.request_id
      WHERE v.trust_domain_id = ${key.trustDomainId}::uuid AND v.request_id = ${key.requestId}::uuid
        AND v.decision = 'approve' AND v.plan_hash = r.plan_hash ORDER BY v.person`,
  );
  return rows.map(({ person }) => person);
}
