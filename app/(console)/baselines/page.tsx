import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { BaselineListPage } from "#components/baselines/baseline-list";
import { baselineListOptions } from "#lib/client/baselines";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { listBaselines } from "#lib/services/baseline/list";

export const metadata: Metadata = { title: "Baselines" };

export default async function BaselinesPage() {
  const ctx = await requirePageContext("baseline:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...baselineListOptions(), queryFn: () => listBaselines(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <BaselineListPage />
    </HydrationBoundary>
  );
}
