import { z } from "zod";
import { NotificationQuery, NotificationView } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { notificationGet } from "#lib/services/notification/list";

/** GET /api/v1/notifications/{notificationId} — one with its events and every message about it. */
export const GET = route({
  permission: "notify:read",
  operation: "notification.get",
  summary: "A notification with its events and messages",
  schemas: { params: z.strictObject({ notificationId: z.uuid() }), query: NotificationQuery },
  output: NotificationView,
  handle: (ctx, { params }) => notificationGet(ctx, params),
});
