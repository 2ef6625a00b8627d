import { ChannelList, ChannelListQuery, ChannelView, CreateChannelBody } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { notifyTools } from "#lib/server/notify";
import { channelList, createChannel } from "#lib/services/notification/channels";

/** GET /api/v1/notification-channels — where messages can go, and whether they arrive. */
export const GET = route({
  permission: "notify:read",
  operation: "notification_channel.list",
  summary: "Channels with their state, and the kinds that there are",
  schemas: { query: ChannelListQuery },
  output: ChannelList,
  handle: (ctx) => channelList(ctx, notifyTools().kinds),
});

/** POST /api/v1/notification-channels — a new one. */
export const POST = route({
  permission: "notify:manage",
  idempotent: true,
  operation: "notification_channel.create",
  summary: "Create a channel; its secrets are stored sealed and never answered",
  schemas: { body: CreateChannelBody },
  output: ChannelView,
  status: 201,
  handle: (ctx, { body }) => createChannel(ctx, body, notifyTools()),
});
