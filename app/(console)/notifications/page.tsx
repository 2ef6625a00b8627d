import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { NotificationsPage } from "#components/notifications/notifications-page";
import { notificationListOptions, notificationTabOf } from "#lib/client/notifications";
import { makeQueryClient } from "#lib/client/query";
import { NotificationListQuery } from "#lib/contracts/notification";
import { requirePageContext } from "#lib/server/page-context";
import { notificationList } from "#lib/services/notification/list";

export const metadata: Metadata = { title: "Notifications" };

export default async function Notifications({
  searchParams,
}: {
  searchParams: Promise<{ list?: string | string[] }>;
}) {
  const ctx = await requirePageContext("notify:read");
  const tab = notificationTabOf((await searchParams).list);
  const queryClient = makeQueryClient();
  // What is open is shown on every tab, as a count.
  const lists = tab === "all" ? (["open", "all"] as const) : (["open"] as const);
  await Promise.all(
    lists.map((list) =>
      queryClient.infiniteQuery({
        ...notificationListOptions(list),
        queryFn: () => notificationList(ctx, NotificationListQuery.parse({ list })),
        retry: false,
      }),
    ),
  ).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <NotificationsPage tab={tab} />
    </HydrationBoundary>
  );
}
