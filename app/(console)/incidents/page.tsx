import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { IncidentListPage } from "#components/incidents/incident-list";
import { incidentListOptions } from "#lib/client/drift";
import { makeQueryClient } from "#lib/client/query";
import { IncidentListQuery } from "#lib/contracts/incident";
import { requirePageContext } from "#lib/server/page-context";
import { incidents } from "#lib/services/incident/list";

export const metadata: Metadata = { title: "Incidents" };

export default async function IncidentsPage({ searchParams }: { searchParams: Promise<{ state?: string }> }) {
  const ctx = await requirePageContext("fleet:read");
  const asked = IncidentListQuery.shape.state.safeParse((await searchParams).state);
  const state = asked.success ? asked.data : "open";
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...incidentListOptions(state),
      queryFn: () => incidents(ctx, IncidentListQuery.parse({ state })),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <IncidentListPage state={state} />
    </HydrationBoundary>
  );
}
