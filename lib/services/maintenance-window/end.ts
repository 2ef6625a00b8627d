/** Ending a maintenance window before it is over. */
import { z } from "zod";
import { clientOf } from "#db/client";
import { driftHold, driftMark } from "#db/queries/drift-dirty";
import { windowDomain, windowEndEarly, windowLock } from "#db/queries/maintenance-window";
import { ReasonBody } from "#lib/contracts/identity";
import { windowState } from "#lib/domain/maintenance";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { nodesFor, selectedBy } from "./select.ts";

/**
 * From now on what it allowed is drift again; what it allowed before stays allowed. One that has not begun
 * is withdrawn by this. No window is ever deleted.
 *
 * @throws {ProblemError} `window/not-found`, `window/over`
 */
export const endWindow = command({
  name: "window.end",
  permission: "window:manage",
  input: ReasonBody.extend({ windowId: z.uuid() }),
  target: ({ windowId }) => windowId,
  async run(tx, ctx, { windowId, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const trustDomainId = await windowDomain(tx, actor.trustDomainIds, windowId);
    // Before the row is locked, and before the nodes are looked for.
    if (trustDomainId) await driftHold(clientOf(tx), trustDomainId);
    const row = await windowLock(tx, actor.trustDomainIds, windowId);
    if (!trustDomainId || !row) {
      throw new ProblemError("window/not-found", `No maintenance window ${windowId}.`);
    }
    const { name, selector, fromAt, toAt, endedAt } = row;
    const course = {
      fromMs: fromAt.getTime(),
      toMs: toAt.getTime(),
      endedMs: endedAt?.getTime() ?? null,
    };
    const state = windowState(course, at.getTime());
    if (state === "past") {
      throw new ProblemError("window/over", "It is over, or somebody ended it already.");
    }
    await windowEndEarly(tx, row, { endedAt: at, endedBy: actor.id });
    const nodes = selectedBy(await nodesFor(tx, trustDomainId, [selector]), selector);
    const marks = nodes.map((node) => ({ nodeId: node.id, fromMs: at.getTime() }));
    await driftMark(clientOf(tx), trustDomainId, marks, at);
    return {
      result: { id: windowId, endedAt: at.toISOString() },
      audit: {
        trustDomainId,
        entity: "maintenance_window",
        entityId: windowId,
        before: { name, state, until: toAt.toISOString() },
        after: { endedAt: at.toISOString(), reason },
      },
    };
  },
});
