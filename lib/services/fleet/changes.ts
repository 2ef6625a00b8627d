/** What changed last. */
import { fleetChangeList } from "#db/queries/fleet";
import type { FleetChangesQuery, RecentChange, RecentChanges } from "#lib/contracts/fleet";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";

/** The newest changes of a node's trust status. */
export async function fleetChanges(ctx: ServiceContext, query: FleetChangesQuery): Promise<RecentChanges> {
  const scope = readScope(ctx, "fleet:read");
  const rows = await fleetChangeList(ctx.db, scope, { limit: query.limit, now: ctx.now() });
  return {
    items: rows.map((row) => ({
      ...row,
      at: iso(row.at),
      from: row.from as RecentChange["from"],
      to: row.to as RecentChange["to"],
    })),
  };
}
