import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { IncidentDetail } from "#components/incidents/incident-detail";
import { incidentOptions } from "#lib/client/drift";
import { makeQueryClient } from "#lib/client/query";
import { incidentOfPage } from "./incident-of-page.ts";

export const metadata: Metadata = { title: "Incident" };

export default async function IncidentPage({ params }: { params: Promise<{ incidentId: string }> }) {
  const { incidentId } = await params;
  const view = await incidentOfPage(incidentId);
  const queryClient = makeQueryClient();
  queryClient.setQueryData(incidentOptions(incidentId).queryKey, view);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <IncidentDetail incidentId={incidentId} />
    </HydrationBoundary>
  );
}
