import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { SourceAbout } from "#components/sources/source-about";
import { makeQueryClient } from "#lib/client/query";
import { sourceFindingsOptions } from "#lib/client/sources";
import { requirePageContext } from "#lib/server/page-context";
import { sourceFindings } from "#lib/services/source/findings";

export default async function SourcePage({ params }: { params: Promise<{ sourceId: string }> }) {
  const ctx = await requirePageContext("source:read");
  const { sourceId } = await params;
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...sourceFindingsOptions(sourceId),
      queryFn: () => sourceFindings(ctx, { sourceId }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SourceAbout sourceId={sourceId} />
    </HydrationBoundary>
  );
}
