/** The life of one node: where it stands, how it came there, and what was refused on the way. */
import { nodeOrigin, transitionList } from "#db/queries/lifecycle";
import type { LifecycleQuery, LifecycleView } from "#lib/contracts/lifecycle";
import { INITIAL_STATE, LIFECYCLE_STATES, type LifecycleState } from "#lib/domain/lifecycle-table";
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
  const { used, asOf, knownAt } = timePoint(ctx, query);
  const node = await visibleNode(ctx, scope, nodeId);
  const [rows, origin] = await ctx.db.transaction(
    async (tx) =>
      [
        await transitionList(tx, scope, { nodeId, until: asOf, knownAt, limit: MAX_ROWS + 1 }),
        await nodeOrigin(tx, scope, nodeId),
      ] as const,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const last = rows.find(({ outcome }) => outcome === "moved");
  const state = (last?.to ?? INITIAL_STATE) as LifecycleState;
  const sinceMs = last?.at ?? origin?.firstSeenAt ?? node.createdAt;
  const timeout = STATE_TIMEOUTS[state];
  return {
    ...used,
    nodeId,
    state,
    phase: LIFECYCLE_STATES[state].phase,
    since: iso(sinceMs),
    disposition: asOf ? null : (origin?.disposition ?? "in_service"),
    timeoutAt: isoOrNull(timeout ? sinceMs + timeout.afterMs : null),
    history: rows.slice(0, MAX_ROWS).map(transitionView),
    truncated: rows.length > MAX_ROWS,
  };
}
