/** One request for every route that changes how people are told, or what became of it. */
import { EMPTY_TREE } from "#lib/domain/notify/route";
import type { Step } from "./steps.ts";

const REASON = "Because the matrix asks for it";
const idAs = (name: string) => (answer: string) => ({ [name]: (JSON.parse(answer) as { id: string }).id });

export const notifying: readonly Step[] = [
  {
    route: "POST /api/v1/notification-channels",
    ask: () => ({
      body: {
        kind: "slack",
        name: "a channel of the matrix",
        settings: {},
        secrets: { url: "https://x.example/" },
      },
    }),
    keep: idAs("channelId"),
  },
  {
    route: "PATCH /api/v1/notification-channels/[channelId]",
    ask: ({ channelId = "" }) => ({ params: { channelId }, body: { name: "another name" } }),
  },
  {
    route: "POST /api/v1/notification-channels/[channelId]/test",
    ask: ({ channelId = "" }) => ({ params: { channelId } }),
    keep: (answer) => ({ deliveryId: (JSON.parse(answer) as { deliveryId: string }).deliveryId }),
  },
  {
    route: "POST /api/v1/notification-channels/[channelId]/disable",
    ask: ({ channelId = "" }) => ({ params: { channelId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/notification-channels/[channelId]/enable",
    ask: ({ channelId = "" }) => ({ params: { channelId }, body: { reason: REASON } }),
  },
  {
    route: "PUT /api/v1/notification-routes",
    ask: ({ channelId = "" }, { home }) => ({
      body: { trustDomainId: home, revision: 0, tree: { ...EMPTY_TREE, channelIds: [channelId] } },
    }),
  },
  {
    route: "POST /api/v1/notification-deliveries/[deliveryId]/replay",
    ask: ({ deliveryId = "" }) => ({ params: { deliveryId } }),
    refusedWith: "notification/not-over",
  },
  {
    route: "POST /api/v1/notifications/[notificationId]/acknowledge",
    ask: (_, { notificationId }) => ({ params: { notificationId }, body: { comment: REASON } }),
    keep: idAs("notificationId"),
  },
  {
    route: "POST /api/v1/notifications/[notificationId]/resolve",
    ask: ({ notificationId = "" }) => ({ params: { notificationId }, body: { comment: REASON } }),
  },
];
