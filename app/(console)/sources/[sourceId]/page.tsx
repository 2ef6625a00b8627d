import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { SourceAbout } from "#components/sources/source-about";
import { makeQueryClient } from "#lib/client/query";
import { sourceFindingsOptions } from "#lib/client/sources";
import { timeParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { sourceFindings } from "#lib/services/source/findings";

export default async function SourcePage(props: {
  params: Promise<{ sourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("source:read");
  const { sourceId } = await props.params;
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...sourceFindingsOptions(sourceId, time),
      queryFn: () => sourceFindings(ctx, { sourceId, ...timeParams(time) }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SourceAbout sourceId={sourceId} />
    </HydrationBoundary>
  );
}
