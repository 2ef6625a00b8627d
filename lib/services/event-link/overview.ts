/** Unattributed events in groups, and the links that people made. */
import { eventLinkList, unattributedGroups } from "#db/queries/event-link";
import type { UnattributedOverview } from "#lib/contracts/event-link";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";

const LIMIT = 200;

export async function unattributedOverview(ctx: ServiceContext): Promise<UnattributedOverview> {
  const scope = readScope(ctx, "fleet:read");
  const [groups, links] = await Promise.all([
    unattributedGroups(ctx.db, scope, LIMIT),
    eventLinkList(ctx.db, scope),
  ]);
  return {
    groups: groups.map((group) => ({ ...group, firstAt: iso(group.firstAt), lastAt: iso(group.lastAt) })),
    links: links.map((link) => ({ ...link, linkedAt: iso(link.linkedAt) })),
  };
}
