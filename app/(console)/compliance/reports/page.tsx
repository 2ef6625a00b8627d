import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ReportsPage } from "#components/report/reports-page";
import { makeQueryClient } from "#lib/client/query";
import { reportListOptions } from "#lib/client/reports";
import { requirePageContext } from "#lib/server/page-context";
import { reports } from "#lib/services/report/list";

export const metadata: Metadata = { title: "Reports" };

export default async function ComplianceReportsPage() {
  const ctx = await requirePageContext("compliance:read");
  const queryClient = makeQueryClient();
  const first = await reports(ctx, {});
  queryClient.setQueryData(reportListOptions().queryKey, { pages: [first], pageParams: [undefined] });
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ReportsPage nowMs={ctx.now().getTime()} />
    </HydrationBoundary>
  );
}
