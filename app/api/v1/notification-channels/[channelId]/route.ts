import { z } from "zod";
import { ChangeChannelBody, ChannelView } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { notifyTools } from "#lib/server/notify";
import { changeChannel } from "#lib/services/notification/channels";

/** PATCH /api/v1/notification-channels/{channelId} — another name, other settings, new secrets. */
export const PATCH = route({
  permission: "notify:manage",
  operation: "notification_channel.change",
  summary: "Change a channel; secrets that are not given stay",
  schemas: { params: z.strictObject({ channelId: z.uuid() }), body: ChangeChannelBody },
  output: ChannelView,
  handle: (ctx, { params, body }) => changeChannel(ctx, { ...body, ...params }, notifyTools()),
});
