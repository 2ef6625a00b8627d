/** Planning a maintenance window. */
import { clientOf } from "#db/client";
import { driftHold, driftMark } from "#db/queries/drift-dirty";
import { windowCounts, windowInsert } from "#db/queries/maintenance-window";
import { PlanWindowBody } from "#lib/contracts/maintenance-window";
import { refuseWindow, WINDOW_LIMITS } from "#lib/domain/maintenance";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { coveredNow, layersOf, nodesFor, refuseUnreadable, selectedBy } from "./select.ts";

/**
 * Plan a window. The nodes that it selects are compared again at once, which also makes them be compared
 * when it begins and when it ends; nodes that come to be selected later are compared because of what made
 * them so.
 *
 * @throws {ProblemError} `request/invalid` for a selector or times that cannot be, `window/too-broad`,
 *   `window/too-many`
 */
export const planWindow = command({
  name: "window.plan",
  permission: "window:manage",
  input: PlanWindowBody,
  target: ({ name }) => name,
  async run(tx, ctx, { name, selector, layers: asked, from, until, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const [fromAt, toAt] = [from === null ? at : new Date(from), new Date(until)];
    refuseUnreadable(selector);
    const refused = refuseWindow({ fromMs: fromAt.getTime(), toMs: toAt.getTime() }, at.getTime());
    if (refused) {
      const { field, detail } = refused;
      throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: `#/${field}`, detail }] });
    }
    const trustDomainId = domainFor(actor);
    const layers = layersOf(asked);
    // Whoever plans at the same time waits here: the number of windows and the nodes are those of the moment.
    await driftHold(clientOf(tx), trustDomainId);
    const { running, planned } = await windowCounts(tx, [trustDomainId], at);
    if (running + planned >= WINDOW_LIMITS.live) {
      throw new ProblemError("window/too-many", `${running} run and ${planned} are planned.`);
    }
    const nodes = selectedBy(await nodesFor(tx, trustDomainId, [selector]), selector);
    const { maliciousLike } = await coveredNow(tx, trustDomainId, { nodes, layers, now: at });
    if (maliciousLike) {
      throw new ProblemError(
        "window/too-broad",
        `It would allow ${maliciousLike.path}, which looks like an attack. Decide on that first, or narrow the window.`,
      );
    }
    const id = uuidv7(at);
    const row = { name, selector, layers, fromAt, toAt, reason };
    await windowInsert(tx, { trustDomainId, id, ...row, author: actor.id, createdAt: at });
    const marks = nodes.map((node) => ({ nodeId: node.id, fromMs: at.getTime() }));
    await driftMark(clientOf(tx), trustDomainId, marks, at);
    const times = { from: fromAt.toISOString(), until: toAt.toISOString() };
    return {
      result: { id, ...times, nodes: nodes.length },
      audit: {
        trustDomainId,
        entity: "maintenance_window",
        entityId: id,
        before: null,
        after: { name, selector, layers, ...times, reason, nodes: nodes.length },
      },
    };
  },
});
