import { NotificationList, NotificationListQuery } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { notificationList } from "#lib/services/notification/list";

/** GET /api/v1/notifications — what waits for somebody, and what was told. */
export const GET = route({
  permission: "notify:read",
  operation: "notification.list",
  summary: "Notifications, last told first",
  schemas: { query: NotificationListQuery },
  output: NotificationList,
  handle: (ctx, { query }) => notificationList(ctx, query),
});
