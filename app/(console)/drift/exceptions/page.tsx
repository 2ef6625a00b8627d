import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ExceptionListPage } from "#components/drift/exception-list";
import { exceptionListOptions } from "#lib/client/drift";
import { makeQueryClient } from "#lib/client/query";
import { ExceptionListQuery } from "#lib/contracts/exception";
import { requirePageContext } from "#lib/server/page-context";
import { exceptions } from "#lib/services/exception/list";

export const metadata: Metadata = { title: "Exceptions" };

export default async function ExceptionsPage({ searchParams }: { searchParams: Promise<{ list?: string }> }) {
  const ctx = await requirePageContext("drift:read");
  const asked = ExceptionListQuery.shape.list.safeParse((await searchParams).list);
  const list = asked.success ? asked.data : "live";
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...exceptionListOptions(list), queryFn: () => exceptions(ctx, { list }), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ExceptionListPage list={list} />
    </HydrationBoundary>
  );
}
