/** Whether recipes may be drilled on a node. */
import { markOfNode } from "#db/queries/sacrificial-mark";
import type { SacrificialView } from "#lib/contracts/sacrificial";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { visibleNode } from "#lib/services/node/find";

/** @throws {ProblemError} `auth/forbidden`, `node/not-found` */
export async function sacrificialGet(
  ctx: ServiceContext,
  { nodeId }: { nodeId: string },
): Promise<SacrificialView> {
  const scope = readScope(ctx, "remediation:read");
  await visibleNode(ctx, scope, nodeId);
  const found = await markOfNode(ctx.db, scope, nodeId, ctx.now());
  if (!found) return { mark: null };
  const { reason, email, madeAt, expiresAt } = found;
  return {
    mark: { reason, by: email, since: madeAt.toISOString(), until: expiresAt.toISOString() },
  };
}
