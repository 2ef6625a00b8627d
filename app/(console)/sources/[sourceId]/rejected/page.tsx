import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { RejectedList } from "#components/sources/rejected-list";
import { makeQueryClient } from "#lib/client/query";
import { firstPage, sourceRejectedOptions } from "#lib/client/sources";
import { recordedParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { rejectedEvents } from "#lib/services/source/rejected";

type Props = {
  params: Promise<{ sourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function RejectedPage({ params, searchParams }: Props) {
  const ctx = await requirePageContext("rejected:read");
  const { sourceId } = await params;
  const time = timeTravelOf(await searchParams);
  const queryClient = makeQueryClient();
  await queryClient
    .infiniteQuery({
      ...sourceRejectedOptions(sourceId, time),
      queryFn: () => rejectedEvents(ctx, { sourceId, ...firstPage, ...recordedParams(time) }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <RejectedList sourceId={sourceId} />
    </HydrationBoundary>
  );
}
