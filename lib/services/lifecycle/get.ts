/** The life of one node: where it stands, how it came there, and what was refused on the way. */
import { lifecycleAt, transitionList } from "#db/queries/lifecycle";
import type { LifecycleQuery, LifecycleView } from "#lib/contracts/lifecycle";
import { LIFECYCLE_STATES, type LifecycleState } from "#lib/domain/lifecycle-table";
import { STATE_TIMEOUTS } from "#lib/domain/lifecycle-walk";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { visibleNode } from "#lib/services/node/find";
import { timePoint } from "#lib/services/time-point";
import { transitionView } from "./transition-view.ts";

const MAX_ROWS = 500;

/** @throws {ProblemError} `node/not-found`; `request/invalid` for an instant of the future */
export async function lifecycleGet(
  ctx: ServiceContext,
  { nodeId, ...query }: LifecycleQuery & { nodeId: string },
): Promise<LifecycleView> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const { asOf, knownAt } = point;
  const node = await visibleNode(ctx, scope, nodeId);
  const [rows, { state: stated, since: sinceMs }] = await ctx.db.transaction(
    async (tx) =>
      [
        await transitionList(tx, scope, { nodeId, until: asOf, knownAt, limit: MAX_ROWS + 1 }),
        await lifecycleAt(tx, scope, { ...point, nodeId }),
      ] as const,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const state = stated as LifecycleState;
  const timeout = STATE_TIMEOUTS[state];
  return {
    ...used,
    nodeId,
    state,
    phase: LIFECYCLE_STATES[state].phase,
    since: iso(sinceMs),
    disposition: asOf ? null : node.disposition,
    timeoutAt: isoOrNull(timeout ? sinceMs + timeout.afterMs : null),
    history: rows.slice(0, MAX_ROWS).map(transitionView),
    truncated: rows.length > MAX_ROWS,
  };
}
