/** Deciding who joins: pausing, accepting and denying, each with a reason. */
import { z } from "zod";
import type { Tx } from "#db/client";
import { enrolmentDecide, enrolmentLock } from "#db/queries/enrolment";
import { DecideEnrolmentBody, type EnrolmentDecided } from "#lib/contracts/enrolment";
import { ReasonBody } from "#lib/contracts/identity";
import type { Permission } from "#lib/domain/access";
import { type EnrolmentState, type EnrolmentVerdict, refuseDecision } from "#lib/domain/enrolment";
import { ProblemError } from "#lib/domain/problems";
import { type AuditNote, command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";

/** Brings a node's line up to date in the transaction of the decision; from the composition root. */
export type NodeReviser = (
  tx: Tx,
  node: { trustDomainId: string; nodeId: string },
  now: Date,
) => Promise<void>;

type Decision = { nodeId: string; state: EnrolmentVerdict; reason: string };

/**
 * Let a node in or keep it out. Its verdicts count from the instant of acceptance on.
 *
 * @throws {ProblemError} `enrolment/not-found`, `enrolment/unchanged`
 */
export function decideEnrolment(
  ctx: ServiceContext,
  input: DecideEnrolmentBody & { nodeId: string },
  revise: NodeReviser,
): Promise<EnrolmentDecided> {
  return command({
    ...named("enrolment.decide", "enrolment:decide"),
    input: DecideEnrolmentBody.extend({ nodeId: z.uuid() }),
    run: (tx, own, { nodeId, decision, reason }) =>
      decide(tx, own, { nodeId, state: decision, reason }, revise),
  })(ctx, input);
}

/**
 * Stop a node that waits or was let in until somebody decides.
 *
 * @throws {ProblemError} `enrolment/not-found`, `enrolment/unchanged`
 */
export function pauseEnrolment(
  ctx: ServiceContext,
  input: ReasonBody & { nodeId: string },
  revise: NodeReviser,
): Promise<EnrolmentDecided> {
  return command({
    ...named("enrolment.pause", "enrolment:pause"),
    input: ReasonBody.extend({ nodeId: z.uuid() }),
    run: (tx, own, { nodeId, reason }) => decide(tx, own, { nodeId, state: "paused", reason }, revise),
  })(ctx, input);
}

const named = (name: string, permission: Permission) => ({
  name,
  permission,
  target: ({ nodeId }: { nodeId: string }) => nodeId,
});

async function decide(
  tx: Tx,
  { actor, now }: ServiceContext,
  { nodeId, state, reason }: Decision,
  revise: NodeReviser,
): Promise<{ result: EnrolmentDecided; audit: AuditNote }> {
  const before = await enrolmentLock(tx, actor.trustDomainIds, nodeId);
  if (!before) throw new ProblemError("enrolment/not-found", `No enrolment of node ${nodeId}.`);
  const refused = refuseDecision(before.state as EnrolmentState, state);
  if (refused) throw new ProblemError("enrolment/unchanged", refused);
  const { trustDomainId } = before;
  // Strictly after the decision before: two never share an instant, so their order is never in doubt.
  const at = new Date(Math.max(now().getTime(), (before.decidedAt?.getTime() ?? 0) + 1));
  await enrolmentDecide(tx, { trustDomainId, nodeId, at, state, decidedBy: actor.id, reason });
  await revise(tx, { trustDomainId, nodeId }, at);
  return {
    result: { nodeId, state },
    audit: {
      trustDomainId,
      entity: "enrolment",
      entityId: nodeId,
      before: { state: before.state },
      after: { state, reason },
    },
  };
}
