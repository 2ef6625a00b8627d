/** Events as people read them: what happened, and whether anybody heard of it. */
import { eventsNewest } from "#db/queries/notification";
import type { EventList, EventListQuery, EventView } from "#lib/contracts/notification";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";

const LAST = 100;

/** The newest ones. */
export async function eventList(ctx: ServiceContext, { list }: EventListQuery): Promise<EventList> {
  const scope = readScope(ctx, "notify:read");
  const rows = await eventsNewest(ctx.db, scope, { unheard: list === "unheard", limit: LAST });
  return { items: rows.map(eventView) };
}

export function eventView({ row, trustDomain }: Awaited<ReturnType<typeof eventsNewest>>[number]): EventView {
  const { id, kind, severity, title, summary, link, at, notifications } = row;
  return { id, kind, severity, title, summary, trustDomain, link, at: at.toISOString(), notifications };
}
