import { z } from "zod";
import { ChannelStepBody, NotificationDone } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { disableChannel } from "#lib/services/notification/channels";

/** POST /api/v1/notification-channels/{channelId}/disable — take it out of use. */
export const POST = route({
  permission: "notify:manage",
  operation: "notification_channel.disable",
  summary: "Take a channel out of use; what waits for it is kept",
  schemas: { params: z.strictObject({ channelId: z.uuid() }), body: ChannelStepBody },
  output: NotificationDone,
  handle: (ctx, { params, body }) => disableChannel(ctx, { ...body, ...params }),
});
