import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ChangeListPage } from "#components/changes/change-list";
import { changeListOptions, firstChanges } from "#lib/client/changes";
import { makeQueryClient } from "#lib/client/query";
import { ChangeListQuery } from "#lib/contracts/change-request";
import { changeKinds } from "#lib/server/change-kinds";
import { requirePageContext } from "#lib/server/page-context";
import { changeRequests } from "#lib/services/change-request/list";

export const metadata: Metadata = { title: "Changes" };

export default async function ChangesPage({ searchParams }: { searchParams: Promise<{ list?: string }> }) {
  const ctx = await requirePageContext("change:read");
  const asked = ChangeListQuery.shape.list.safeParse((await searchParams).list ?? "waiting");
  const list = asked.success && asked.data !== "all" ? asked.data : "waiting";
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...changeListOptions(list),
      queryFn: () => changeRequests(ctx, { list, ...firstChanges }, changeKinds()),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ChangeListPage list={list} />
    </HydrationBoundary>
  );
}
