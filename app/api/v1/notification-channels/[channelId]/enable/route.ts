import { z } from "zod";
import { ChannelStepBody, NotificationDone } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { enableChannel } from "#lib/services/notification/channels";

/** POST /api/v1/notification-channels/{channelId}/enable — take it into use again. */
export const POST = route({
  permission: "notify:manage",
  operation: "notification_channel.enable",
  summary: "Take a channel into use again; what waited is sent",
  schemas: { params: z.strictObject({ channelId: z.uuid() }), body: ChannelStepBody },
  output: NotificationDone,
  handle: (ctx, { params, body }) => enableChannel(ctx, { ...body, ...params }),
});
