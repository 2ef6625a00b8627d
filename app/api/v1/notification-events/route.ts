import { EventList, EventListQuery } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { eventList } from "#lib/services/notification/events";

/** GET /api/v1/notification-events — what happened, and whether anybody heard of it. */
export const GET = route({
  permission: "notify:read",
  operation: "notification_event.list",
  summary: "The last events that people may want to hear of",
  schemas: { query: EventListQuery },
  output: EventList,
  handle: (ctx, { query }) => eventList(ctx, query),
});
