import { z } from "zod";
import { NotificationDone } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { replay } from "#lib/services/notification/handle";

/** POST /api/v1/notification-deliveries/{deliveryId}/replay — send it again under the same id. */
export const POST = route({
  permission: "notify:handle",
  operation: "notification_delivery.replay",
  summary: "Send a message again, under the same id",
  schemas: { params: z.strictObject({ deliveryId: z.uuid() }) },
  output: NotificationDone,
  handle: (ctx, { params }) => replay(ctx, params),
});
