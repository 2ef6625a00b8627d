/** Nodes on which something was not done as it was asked for, or did not last. */
import { alarmsOpen } from "#db/queries/execution-node";
import type { RemediationAlarms } from "#lib/contracts/automatic";
import { ALARM_RUNBOOKS } from "#lib/domain/runbook";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";

const SHOWN = 200;

/** @param query `nodeId` absent = of all nodes */
export async function remediationAlarms(
  ctx: ServiceContext,
  { nodeId }: { nodeId?: string | undefined },
): Promise<RemediationAlarms> {
  const scope = readScope(ctx, "remediation:read");
  const rows = await alarmsOpen(ctx.db, scope, { limit: SHOWN, ...(nodeId !== undefined && { nodeId }) });
  return {
    items: rows.map(({ kind, raisedAt, nodeName, requestId, detail, ...row }) => {
      const known = kind === "drifted" ? "drifted" : "incomplete";
      return {
        ...{ nodeId: row.nodeId, nodeName, requestId, detail, kind: known },
        raisedAt: raisedAt.toISOString(),
        runbook: ALARM_RUNBOOKS[known],
      };
    }),
  };
}
