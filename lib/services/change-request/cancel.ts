/** Taking back what one proposed. */
import { z } from "zod";
import { changeLock, changeSetState } from "#db/queries/change-request";
import { CancelChangeBody, type ChangeView } from "#lib/contracts/change-request";
import { type ChangeState, personOf, stateAt } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { announceDecided } from "./announce-change.ts";
import { changeGet } from "./get.ts";
import type { ChangeKind } from "./kinds.ts";
import { personActor } from "./person.ts";

/**
 * Cancel a request of one's own while nobody has decided it.
 *
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} `change/not-found`, `change/not-yours`, `change/decided`, `change/expired`
 */
export async function cancelChange(
  ctx: ServiceContext,
  body: CancelChangeBody & { requestId: string },
  kinds: readonly ChangeKind[],
): Promise<ChangeView> {
  await cancel(ctx, body);
  return changeGet(ctx, { requestId: body.requestId }, kinds);
}

const cancel = command({
  name: "change.cancel",
  permission: "change:propose",
  input: CancelChangeBody.extend({ requestId: z.uuid() }),
  target: ({ requestId }) => requestId,
  async run(tx, ctx, { requestId, reason }) {
    const actor = personActor(ctx.actor);
    const row = await changeLock(tx, actor.trustDomainIds, requestId);
    if (!row) throw new ProblemError("change/not-found", `No change request ${requestId}.`);
    if (row.proposer !== personOf(actor.email)) {
      throw new ProblemError("change/not-yours", "You did not propose it. Deny it instead.");
    }
    const at = ctx.now();
    const state = stateAt(
      { state: row.state as ChangeState, expiresAtMs: row.expiresAt.getTime() },
      at.getTime(),
    );
    if (state === "expired") throw new ProblemError("change/expired", "It has expired already.");
    if (state !== "pending") throw new ProblemError("change/decided", `It is ${state} already.`);
    await changeSetState(tx, row, "cancelled", at);
    await announceDecided(tx, row, "cancelled", at);
    return {
      result: undefined,
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "change",
        entityId: requestId,
        before: { state: row.state },
        after: { state: "cancelled", reason },
      },
    };
  },
});
