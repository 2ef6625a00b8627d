import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { FrameworkImportPage } from "#components/compliance/framework-import-page";
import { frameworkListOptions } from "#lib/client/compliance";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { frameworks } from "#lib/services/compliance/frameworks";

export const metadata: Metadata = { title: "Import a framework" };

type Search = Record<string, string | string[] | undefined>;

export default async function ImportFrameworkPage({ searchParams }: { searchParams: Promise<Search> }) {
  const ctx = await requirePageContext("compliance:manage");
  const { framework } = await searchParams;
  const queryClient = makeQueryClient();
  queryClient.setQueryData(frameworkListOptions().queryKey, await frameworks(ctx));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <FrameworkImportPage again={typeof framework === "string" ? framework : null} />
    </HydrationBoundary>
  );
}
