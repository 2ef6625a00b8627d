/** A person begins a failed node's provisioning or enrollment again. */
import { z } from "zod";
import { standingLock, triggerInsert } from "#db/queries/lifecycle";
import { RetryBody } from "#lib/contracts/lifecycle";
import { next } from "#lib/domain/lifecycle";
import { DEFAULT_LIMITS, NO_FACTS } from "#lib/domain/lifecycle-guards";
import { LIFECYCLE_POLICY } from "#lib/domain/lifecycle-record";
import type { LifecycleStanding } from "#lib/domain/lifecycle-walk";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";

/**
 * Record the retry; the fold moves the node within seconds.
 *
 * @throws {ProblemError} `node/not-found`; `lifecycle/refused` when the state or its guard does not allow it
 */
export const retryNode = command({
  name: "node.retry",
  permission: "lifecycle:retry",
  input: RetryBody.extend({ nodeId: z.uuid() }),
  target: ({ nodeId }) => nodeId,
  async run(tx, { actor, now, requestId }, { nodeId, step }) {
    const found = await standingLock(tx, actor.trustDomainIds, nodeId);
    if (!found) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
    const standing = found.standing as LifecycleStanding | null;
    // After whatever the state rests on, also when its clock is ahead of ours.
    const at = new Date(Math.max(now().getTime(), (found.at ?? 0) + 1));
    const type = step === "provision" ? "operator.retry_provision" : "operator.retry_enroll";
    const state = standing?.state ?? "discovered";
    const attempt = standing
      ? next(
          state,
          { type, occurredAtMs: at.getTime() },
          { ...standing.memory, facts: NO_FACTS, limits: DEFAULT_LIMITS },
        )
      : null;
    if (!attempt?.ok) {
      const why = attempt && "why" in attempt ? attempt.why : "only a failed node can be retried";
      throw new ProblemError("lifecycle/refused", `The node is ${state}: ${why}.`);
    }
    await triggerInsert(tx, {
      trustDomainId: found.trustDomainId,
      nodeId,
      id: uuidv7(at),
      type,
      at,
      actor: { kind: actor.kind, id: actor.kind === "user" ? actor.email : actor.id },
      policyVersion: LIFECYCLE_POLICY,
      requestId,
    });
    const result = { state: attempt.state };
    return {
      result,
      audit: {
        trustDomainId: found.trustDomainId,
        entity: "node",
        entityId: nodeId,
        before: { state },
        after: { state: attempt.state, rule: attempt.transitionId },
      },
    };
  },
});
