import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SourceListPage } from "#components/sources/source-list";
import { makeQueryClient } from "#lib/client/query";
import { sourceListOptions } from "#lib/client/sources";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { sourceList } from "#lib/services/source/list";

export const metadata: Metadata = { title: "Sources" };

export default async function SourcesPage() {
  const ctx = await requirePageContext("source:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...sourceListOptions(), queryFn: () => sourceList(ctx, sourceKinds()), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SourceListPage />
    </HydrationBoundary>
  );
}
