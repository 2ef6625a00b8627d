/** A node's bootstrap events. */
import { bootstrapEventList } from "#db/queries/bootstrap-event";
import type { NodeEventsPage, NodeEventsQuery } from "#lib/contracts/node";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { eventView } from "./event-view.ts";
import { visibleNode } from "./find.ts";

/** @throws {ProblemError} `node/not-found`; `request/invalid` for a foreign cursor */
export async function nodeEvents(
  ctx: ServiceContext,
  query: NodeEventsQuery & { nodeId: string },
): Promise<NodeEventsPage> {
  const scope = readScope(ctx, "fleet:read");
  await visibleNode(ctx, scope, query.nodeId);
  const { used, ...point } = timePoint(ctx, query);
  const after = query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null;
  const page = await bootstrapEventList(ctx.db, scope, {
    ...point,
    nodeId: query.nodeId,
    after,
    limit: query.limit,
  });
  return {
    ...used,
    items: page.items.map(eventView),
    nextCursor: page.next ? encodeCursor(page.next) : null,
  };
}
