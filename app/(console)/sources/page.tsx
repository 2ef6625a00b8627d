import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SourceListPage } from "#components/sources/source-list";
import { makeQueryClient } from "#lib/client/query";
import { sourceListOptions } from "#lib/client/sources";
import { recordedParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { sourceList } from "#lib/services/source/list";

export const metadata: Metadata = { title: "Sources" };

export default async function SourcesPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("source:read");
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...sourceListOptions(time),
      queryFn: () => sourceList(ctx, sourceKinds(), recordedParams(time)),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SourceListPage />
    </HydrationBoundary>
  );
}
