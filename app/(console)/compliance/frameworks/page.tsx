import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { FrameworksPage } from "#components/compliance/frameworks-page";
import { frameworkListOptions } from "#lib/client/compliance";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { frameworks } from "#lib/services/compliance/frameworks";

export const metadata: Metadata = { title: "Frameworks" };

export default async function ComplianceFrameworksPage() {
  const ctx = await requirePageContext("compliance:read");
  const queryClient = makeQueryClient();
  queryClient.setQueryData(frameworkListOptions().queryKey, await frameworks(ctx));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <FrameworksPage />
    </HydrationBoundary>
  );
}
