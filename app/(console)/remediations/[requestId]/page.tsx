import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { RemediationDetailPage } from "#components/remediation/remediation-detail";
import { makeQueryClient } from "#lib/client/query";
import { remediationOptions } from "#lib/client/remediations";
import { remediationOfPage } from "./remediation-of-page.ts";

export const metadata: Metadata = { title: "Remediation" };

export default async function RemediationPage({ params }: { params: Promise<{ requestId: string }> }) {
  const { requestId } = await params;
  const view = await remediationOfPage(requestId);
  const queryClient = makeQueryClient();
  queryClient.setQueryData(remediationOptions(requestId).queryKey, view);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <RemediationDetailPage requestId={requestId} />
    </HydrationBoundary>
  );
}
