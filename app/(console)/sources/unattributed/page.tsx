import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { UnattributedList } from "#components/sources/unattributed-list";
import { makeQueryClient } from "#lib/client/query";
import { firstPage, unattributedOptions } from "#lib/client/sources";
import { requirePageContext } from "#lib/server/page-context";
import { unattributedEvents } from "#lib/services/bootstrap/unattributed";

export const metadata: Metadata = { title: "Unattributed bootstrap events" };

export default async function UnattributedPage() {
  const ctx = await requirePageContext("fleet:read");
  const queryClient = makeQueryClient();
  await queryClient
    .infiniteQuery({
      ...unattributedOptions(),
      queryFn: () => unattributedEvents(ctx, firstPage),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <UnattributedList />
    </HydrationBoundary>
  );
}
