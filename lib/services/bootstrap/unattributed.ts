/** Bootstrap events that nobody could assign to a node: a machine that never got in is one of these. */
import { bootstrapEventList } from "#db/queries/bootstrap-event";
import type { NodeEventsPage, NodeEventsQuery } from "#lib/contracts/node";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { eventView } from "#lib/services/node/event-view";
import { timePoint } from "#lib/services/time-point";

/** @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function unattributedEvents(
  ctx: ServiceContext,
  query: NodeEventsQuery,
): Promise<NodeEventsPage> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const after = query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null;
  const page = await bootstrapEventList(ctx.db, scope, { ...point, nodeId: null, after, limit: query.limit });
  return {
    ...used,
    items: page.items.map(eventView),
    nextCursor: page.next ? encodeCursor(page.next) : null,
  };
}
