import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { UnattributedList } from "#components/sources/unattributed-list";
import { makeQueryClient } from "#lib/client/query";
import { firstPage, unattributedOptions } from "#lib/client/sources";
import { timeParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { unattributedEvents } from "#lib/services/bootstrap/unattributed";

export const metadata: Metadata = { title: "Unattributed bootstrap events" };

export default async function UnattributedPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("fleet:read");
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await queryClient
    .infiniteQuery({
      ...unattributedOptions(time),
      queryFn: () => unattributedEvents(ctx, { ...firstPage, ...timeParams(time) }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <UnattributedList />
    </HydrationBoundary>
  );
}
