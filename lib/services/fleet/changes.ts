/** What changed last. */
import { fleetChangeList } from "#db/queries/fleet";
import type { FleetChangesQuery, RecentChange, RecentChanges } from "#lib/contracts/fleet";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

/**
 * The newest changes of a node's trust status up to an instant.
 *
 * @throws {ProblemError} `request/invalid` for an instant of the future
 */
export async function fleetChanges(ctx: ServiceContext, query: FleetChangesQuery): Promise<RecentChanges> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const rows = await fleetChangeList(ctx.db, scope, { ...point, limit: query.limit });
  return {
    ...used,
    items: rows.map((row) => ({
      ...row,
      at: iso(row.at),
      from: row.from as RecentChange["from"],
      to: row.to as RecentChange["to"],
    })),
  };
}
