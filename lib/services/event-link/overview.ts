/** Unattributed events in groups, and the links that people made. */
import { eventLinkList, unattributedGroups } from "#db/queries/event-link";
import type { UnattributedOverview, UnattributedOverviewQuery } from "#lib/contracts/event-link";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

const LIMIT = 200;

/** @throws {ProblemError} `request/invalid` for an instant of the future */
export async function unattributedOverview(
  ctx: ServiceContext,
  query: UnattributedOverviewQuery = {},
): Promise<UnattributedOverview> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const [groups, links] = await Promise.all([
    unattributedGroups(ctx.db, scope, { ...point, limit: LIMIT }),
    eventLinkList(ctx.db, scope, point),
  ]);
  return {
    ...used,
    groups: groups.map((group) => ({ ...group, firstAt: iso(group.firstAt), lastAt: iso(group.lastAt) })),
    links: links.map((link) => ({ ...link, linkedAt: iso(link.linkedAt) })),
  };
}
