import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { NotificationSettings } from "#components/notifications/notification-settings";
import { channelsOptions, routesOptions } from "#lib/client/notifications";
import { makeQueryClient } from "#lib/client/query";
import { notifyTools } from "#lib/server/notify";
import { requirePageContext } from "#lib/server/page-context";
import { channelList } from "#lib/services/notification/channels";
import { routesList } from "#lib/services/notification/routes";

export const metadata: Metadata = { title: "Notification settings" };

export default async function NotificationSettingsPage() {
  const ctx = await requirePageContext("notify:read");
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({
      ...channelsOptions(),
      queryFn: () => channelList(ctx, notifyTools().kinds),
      retry: false,
    }),
    queryClient.query({ ...routesOptions(), queryFn: () => routesList(ctx), retry: false }),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <NotificationSettings />
    </HydrationBoundary>
  );
}
