import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { SchedulesPage } from "#components/report-schedule/schedules-page";
import { makeQueryClient } from "#lib/client/query";
import { reportSchedulesOptions } from "#lib/client/report-schedules";
import { reviewOf } from "#lib/domain/access";
import { requirePageContext } from "#lib/server/page-context";
import { reportSchedules } from "#lib/services/report-schedule/list";

export const metadata: Metadata = { title: "Schedules" };

export default async function ReportSchedulesPage() {
  const ctx = await requirePageContext("compliance:read");
  if (reviewOf(ctx.actor)) forbidden();
  const queryClient = makeQueryClient();
  queryClient.setQueryData(reportSchedulesOptions().queryKey, await reportSchedules(ctx));
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SchedulesPage />
    </HydrationBoundary>
  );
}
