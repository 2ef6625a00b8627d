import { z } from "zod";
import { ChannelTested } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { testChannel } from "#lib/services/notification/channels";

/** POST /api/v1/notification-channels/{channelId}/test — send something harmless over it. */
export const POST = route({
  permission: "notify:manage",
  operation: "notification_channel.test",
  summary: "Send a test message",
  schemas: { params: z.strictObject({ channelId: z.uuid() }) },
  output: ChannelTested,
  handle: (ctx, { params }) => testChannel(ctx, params),
});
