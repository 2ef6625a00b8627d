"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { deliveriesOptions } from "#lib/client/notifications";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { DeliveryList } from "./delivery-list.tsx";

/** Every message that was ever written, newest first. */
export function DeliveryLedger() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    deliveriesOptions(),
  );
  if (data === undefined && error)
    return (
      <ErrorPanel title="The messages could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  if (data === undefined) return <SkeletonRows rows={4} label="Loading messages" />;
  const items = data.pages.flatMap((page) => page.items);
  if (items.length === 0)
    return (
      <EmptyState title="No message was sent yet">
        Test a channel, or wait until something happens that a route sends somewhere.
      </EmptyState>
    );
  return (
    <>
      <DeliveryList items={items} label="Messages" />
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
