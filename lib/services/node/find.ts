/** Finding the node that a request names. */
import { type NodeRow, nodeFind } from "#db/queries/node";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";

/**
 * The node, or the one answer for "there is none" and "you may not see it".
 *
 * @throws {ProblemError} `node/not-found`
 */
export async function visibleNode(
  ctx: ServiceContext,
  scope: readonly string[],
  nodeId: string,
): Promise<NodeRow> {
  const node = await nodeFind(ctx.db, scope, nodeId);
  if (!node) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
  return node;
}
