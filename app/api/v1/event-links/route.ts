import { EventsLinked, LinkEventsBody } from "#lib/contracts/event-link";
import { route } from "#lib/server/http/route";
import { linkEvents } from "#lib/services/event-link/link";

/** POST /api/v1/event-links — say that unattributed events are about a node. */
export const POST = route({
  permission: "event:link",
  idempotent: true,
  operation: "event.link",
  summary: "Link unattributed bootstrap events to a node",
  schemas: { body: LinkEventsBody },
  output: EventsLinked,
  status: 201,
  handle: (ctx, { body }) => linkEvents(ctx, body),
});
