import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { RejectedList } from "#components/sources/rejected-list";
import { makeQueryClient } from "#lib/client/query";
import { firstPage, sourceRejectedOptions } from "#lib/client/sources";
import { requirePageContext } from "#lib/server/page-context";
import { rejectedEvents } from "#lib/services/source/rejected";

export default async function RejectedPage({ params }: { params: Promise<{ sourceId: string }> }) {
  const ctx = await requirePageContext("rejected:read");
  const { sourceId } = await params;
  const queryClient = makeQueryClient();
  await queryClient
    .infiniteQuery({
      ...sourceRejectedOptions(sourceId),
      queryFn: () => rejectedEvents(ctx, { sourceId, ...firstPage }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <RejectedList sourceId={sourceId} />
    </HydrationBoundary>
  );
}
