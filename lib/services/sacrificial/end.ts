/** Ending the mark of a node before it ends by itself. */
import { z } from "zod";
import { nodeLabelsLock } from "#db/queries/node-label";
import { markEnd } from "#db/queries/sacrificial-mark";
import { EndMarkBody, type SacrificialView } from "#lib/contracts/sacrificial";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { sacrificialGet } from "./get.ts";

/**
 * Drills of the node that are not begun yet are not begun any more. Idempotent.
 *
 * @throws {ProblemError} `node/not-found`
 */
export async function endSacrificial(
  ctx: ServiceContext,
  body: EndMarkBody & { nodeId: string },
): Promise<SacrificialView> {
  await end(ctx, body);
  return sacrificialGet(ctx, { nodeId: body.nodeId });
}

const end = command({
  name: "node.end_sacrificial",
  permission: "remediation:configure",
  input: EndMarkBody.extend({ nodeId: z.uuid() }),
  target: ({ nodeId }) => nodeId,
  async run(tx, ctx, { nodeId, reason }) {
    const actor = personActor(ctx.actor);
    const found = await nodeLabelsLock(tx, actor.trustDomainIds, nodeId);
    if (!found) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
    const { trustDomainId } = found;
    const ended = await markEnd(tx, { trustDomainId, nodeId, at: ctx.now(), by: actor.id });
    return {
      result: undefined,
      audit: {
        ...{ trustDomainId, entity: "node", entityId: nodeId },
        before: ended ? { mark: ended.id, until: ended.expiresAt } : null,
        after: { mark: null, reason },
      },
    };
  },
});
