import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { SourceDetail } from "#components/sources/source-detail";
import { displayText } from "#lib/client/format";
import { makeQueryClient } from "#lib/client/query";
import { firstPage, sourceListOptions, sourceRejectedOptions } from "#lib/client/sources";
import { can } from "#lib/domain/access";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { sourceList } from "#lib/services/source/list";
import { rejectedEvents } from "#lib/services/source/rejected";

type Props = {
  params: Promise<{ sourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

async function findSource(sourceId: string) {
  const ctx = await requirePageContext("source:read");
  const sources = await sourceList(ctx, sourceKinds());
  return { ctx, sources, source: sources.items.find(({ id }) => id === sourceId) };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { source } = await findSource((await props.params).sourceId);
  return { title: source ? `Source ${displayText(source.name).text}` : "No such source" };
}

export default async function SourcePage(props: Props) {
  const { sourceId } = await props.params;
  const { ctx, sources, source } = await findSource(sourceId);
  if (!source) notFound();
  const queryClient = makeQueryClient();
  queryClient.setQueryData(sourceListOptions().queryKey, sources);
  if ((await props.searchParams).tab === "rejected" && can(ctx.actor, "rejected:read")) {
    await queryClient
      .infiniteQuery({
        ...sourceRejectedOptions(sourceId),
        queryFn: () => rejectedEvents(ctx, { sourceId, ...firstPage }),
        retry: false,
      })
      .catch(() => undefined);
  }
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SourceDetail sourceId={sourceId} />
    </HydrationBoundary>
  );
}
