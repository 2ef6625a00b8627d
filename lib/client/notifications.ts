/** Query options and calls of notifications: channels, routes, what was told, and what people said to it. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type {
  ChangeChannelBody,
  ChannelList,
  ChannelView,
  CreateChannelBody,
  DeliveryList,
  EventList,
  NotificationList,
  NotificationView,
  PreviewRoutesBody,
  RoutesList,
  RoutesPreview,
  SaveRoutesBody,
} from "#lib/contracts/notification";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const notificationKeys = {
  all: ["notifications"] as const,
  channels: () => [...notificationKeys.all, "channels"] as const,
  routes: () => [...notificationKeys.all, "routes"] as const,
  list: (list: "open" | "all") => [...notificationKeys.all, "list", list] as const,
  one: (id: string) => [...notificationKeys.all, "one", id] as const,
  events: (list: "all" | "unheard") => [...notificationKeys.all, "events", list] as const,
  deliveries: () => [...notificationKeys.all, "deliveries"] as const,
};

/** How often what was sent is looked at again: retries begin after five seconds. */
const LOOK_AGAIN_MS = 5_000;
/** Of a list, only while its first page is all that is shown: the others would be read again with it. */
const whileShort = ({ state: { data } }: { state: { data?: { pages: unknown[] } | undefined } }) =>
  (data?.pages.length ?? 1) > 1 ? false : LOOK_AGAIN_MS;

export const channelsOptions = () =>
  queryOptions({
    queryKey: notificationKeys.channels(),
    queryFn: ({ signal }) => getJson(paths.api.notificationChannels(), trust<ChannelList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const routesOptions = () =>
  queryOptions({
    queryKey: notificationKeys.routes(),
    queryFn: ({ signal }) => getJson(paths.api.notificationRoutes(), trust<RoutesList>(), signal),
  });

export const notificationListOptions = (list: "open" | "all") =>
  infiniteQueryOptions({
    queryKey: notificationKeys.list(list),
    queryFn: ({ signal, pageParam }) =>
      getJson(paths.api.notifications({ list, cursor: pageParam }), trust<NotificationList>(), signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: whileShort,
  });

/** With what it told and every message. */
export const notificationOptions = (id: string) =>
  queryOptions({
    queryKey: notificationKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.notification(id), trust<NotificationView>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const notificationEventsOptions = (list: "all" | "unheard") =>
  queryOptions({
    queryKey: notificationKeys.events(list),
    queryFn: ({ signal }) => getJson(paths.api.notificationEvents({ list }), trust<EventList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const deliveriesOptions = () =>
  infiniteQueryOptions({
    queryKey: notificationKeys.deliveries(),
    queryFn: ({ signal, pageParam }) =>
      getJson(paths.api.notificationDeliveries({ cursor: pageParam }), trust<DeliveryList>(), signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: whileShort,
  });

const nothing = trust<unknown>();
const { notificationChannel: channel, notification } = paths.api;

export const createChannel = (body: CreateChannelBody) =>
  sendJson(paths.api.notificationChannels(), body, trust<ChannelView>());
export const changeChannel = (id: string, body: ChangeChannelBody) =>
  sendJson(channel(id), body, trust<ChannelView>(), "PATCH");
export const testChannel = (id: string) => sendJson(channel(id, "test"), {}, nothing);
export const setChannelDisabled = (id: string, disabled: boolean, reason: string) =>
  sendJson(channel(id, disabled ? "disable" : "enable"), { reason }, nothing);
export const saveRoutes = (body: SaveRoutesBody) =>
  sendJson(paths.api.notificationRoutes(), body, trust<{ revision: number }>(), "PUT");
export const previewRoutes = (body: PreviewRoutesBody) =>
  sendJson(paths.api.notificationRoutes("preview"), body, trust<RoutesPreview>());
export const handleNotification = (id: string, step: "acknowledge" | "resolve", comment: string) =>
  sendJson(notification(id, step), { comment }, nothing);
export const replayDelivery = (id: string) => sendJson(paths.api.notificationReplay(id), {}, nothing);

/** What the page of notifications can show. */
const NOTIFICATION_TABS = ["open", "all", "events", "unheard", "messages"] as const;
export type NotificationTab = (typeof NOTIFICATION_TABS)[number];

/** Anything else is what is open. */
export const notificationTabOf = (text: unknown): NotificationTab =>
  NOTIFICATION_TABS.find((tab) => tab === text) ?? "open";
