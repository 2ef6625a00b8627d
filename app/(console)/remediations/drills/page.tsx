import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { DrillsPage } from "#components/remediation/drills-page";
import { makeQueryClient } from "#lib/client/query";
import { drillsOptions } from "#lib/client/remediations";
import { requirePageContext } from "#lib/server/page-context";
import { drillBook } from "#lib/services/execution/drill-book";

export const metadata: Metadata = { title: "Drills" };

export default async function Drills() {
  const ctx = await requirePageContext("remediation:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...drillsOptions(), queryFn: () => drillBook(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <DrillsPage />
    </HydrationBoundary>
  );
}
