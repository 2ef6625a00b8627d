import { z } from "zod";
import { AcknowledgeBody, NotificationDone } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { notifyTools } from "#lib/server/notify";
import { acknowledge } from "#lib/services/notification/handle";

/** POST /api/v1/notifications/{notificationId}/acknowledge — somebody takes it on: nobody else is told. */
export const POST = route({
  permission: "notify:handle",
  idempotent: true,
  operation: "notification.acknowledge",
  summary: "Acknowledge a notification: escalation stops, and pagers are told",
  schemas: { params: z.strictObject({ notificationId: z.uuid() }), body: AcknowledgeBody },
  output: NotificationDone,
  handle: (ctx, { params, body }) => acknowledge(ctx, { ...body, ...params }, notifyTools().kinds),
});
