"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { formatCount, formatPlural } from "#lib/client/format";
import { type NotificationTab, notificationListOptions } from "#lib/client/notifications";
import { paths } from "#lib/client/paths";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { DeliveryLedger } from "./delivery-ledger.tsx";
import { EventLedger } from "./event-ledger.tsx";
import { NotificationCard } from "./notification-card.tsx";

/** What people were told, whether it arrived and what they said to it; and what nobody heard of. */
export function NotificationsPage({ tab }: { tab: NotificationTab }) {
  const { data } = useInfiniteQuery(notificationListOptions("open"));
  const counts = data?.pages[0]?.counts;
  const tabs = [
    { tab: "open", label: "Open", count: counts && counts.open + counts.acknowledged },
    { tab: "all", label: "All", count: undefined },
    { tab: "events", label: "Events", count: undefined },
    { tab: "unheard", label: "Heard by nobody", count: counts?.unheard },
    { tab: "messages", label: "Messages", count: undefined },
  ] as const;
  return (
    <>
      <PageHeader
        title="Notifications"
        meta={
          counts &&
          `${formatPlural(counts.givenUp, "message")} given up and ${formatPlural(counts.unheard, "event")} heard by nobody in the last week`
        }
        actions={
          <Link href={paths.settings("notifications")} className="link touch inline-flex items-center">
            Channels and routes
          </Link>
        }
      />
      <Tabs
        label="Notifications"
        tabs={tabs.map(({ tab: one, label, count }) => ({
          href: paths.notifications({ list: one === "open" ? undefined : one }),
          label: (
            <>
              {label}
              {count !== undefined && (
                <span className="text-small text-muted tabular-nums">{formatCount(count)}</span>
              )}
            </>
          ),
          current: one === tab,
        }))}
      />
      {(tab === "open" || tab === "all") && <Notifications key={tab} list={tab} />}
      {(tab === "events" || tab === "unheard") && (
        <EventLedger key={tab} list={tab === "events" ? "all" : tab} />
      )}
      {tab === "messages" && <DeliveryLedger />}
    </>
  );
}

function Notifications({ list }: { list: "open" | "all" }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    notificationListOptions(list),
  );
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (data === undefined && error)
    return (
      <ErrorPanel
        title="The notifications could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  if (data === undefined) return <SkeletonRows rows={4} label="Loading notifications" />;
  if (items.length === 0)
    return (
      <EmptyState
        title={list === "open" ? "Nothing is open" : "Nobody was told anything yet"}
        icon={list === "open" && <CircleCheck aria-hidden className="size-4 text-muted" />}
      >
        {list === "open"
          ? "What somebody was told stands here until it is over or somebody resolves it."
          : "When something happens that a route sends somewhere, it stands here for good."}
      </EmptyState>
    );
  return (
    <>
      <ul aria-label="Notifications">
        {items.map((item) => (
          <NotificationCard key={item.id} item={item} />
        ))}
      </ul>
      {hasNextPage && (
        <p className="py-3">
          <Button pending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? "Loading…" : "Load more"}
          </Button>
        </p>
      )}
    </>
  );
}
