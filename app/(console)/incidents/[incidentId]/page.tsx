import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { IncidentDetail } from "#components/incidents/incident-detail";
import { incidentOptions } from "#lib/client/drift";
import { makeQueryClient } from "#lib/client/query";
import { ProblemError } from "#lib/domain/problems";
import { requirePageContext } from "#lib/server/page-context";
import { incidentGet } from "#lib/services/incident/get";

export const metadata: Metadata = { title: "Incident" };

export default async function IncidentPage({ params }: { params: Promise<{ incidentId: string }> }) {
  const ctx = await requirePageContext("fleet:read");
  const { incidentId } = await params;
  if (!z.uuid().safeParse(incidentId).success) notFound();
  const view = await incidentGet(ctx, { incidentId }).catch((error: unknown) => {
    if (error instanceof ProblemError && error.code === "incident/not-found") return null;
    throw error;
  });
  if (!view) notFound();
  const queryClient = makeQueryClient();
  queryClient.setQueryData(incidentOptions(incidentId).queryKey, view);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <IncidentDetail incidentId={incidentId} />
    </HydrationBoundary>
  );
}
