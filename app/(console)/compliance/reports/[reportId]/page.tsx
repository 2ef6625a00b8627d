import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ReportPage } from "#components/report/report-page";
import { makeQueryClient } from "#lib/client/query";
import { reportListOptions, reportOptions } from "#lib/client/reports";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { report, reports } from "#lib/services/report/list";

export const metadata: Metadata = { title: "Report" };

type Props = {
  params: Promise<{ reportId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function ComplianceReportPage({ params, searchParams }: Props) {
  const ctx = await requirePageContext("compliance:read");
  const { reportId } = await params;
  const { compare } = await searchParams;
  if (!z.uuid().safeParse(reportId).success) notFound();
  const queryClient = makeQueryClient();
  try {
    queryClient.setQueryData(reportOptions(reportId).queryKey, await report(ctx, { reportId }));
  } catch (error) {
    if (error instanceof ProblemError && error.code === "report/not-found") notFound();
    throw error;
  }
  const others = await reports(ctx, {});
  queryClient.setQueryData(reportListOptions().queryKey, { pages: [others], pageParams: [undefined] });
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ReportPage reportId={reportId} compare={typeof compare === "string" ? compare : null} />
    </HydrationBoundary>
  );
}
