import { z } from "zod";
import { AcknowledgeBody, NotificationDone } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { notifyTools } from "#lib/server/notify";
import { resolve } from "#lib/services/notification/handle";

/** POST /api/v1/notifications/{notificationId}/resolve — somebody says that it is over. */
export const POST = route({
  permission: "notify:handle",
  idempotent: true,
  operation: "notification.resolve",
  summary: "Resolve a notification: alerts and tickets are closed",
  schemas: { params: z.strictObject({ notificationId: z.uuid() }), body: AcknowledgeBody },
  output: NotificationDone,
  handle: (ctx, { params, body }) => resolve(ctx, { ...body, ...params }, notifyTools().kinds),
});
