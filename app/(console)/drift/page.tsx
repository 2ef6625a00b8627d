import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { DriftInbox } from "#components/drift/drift-inbox";
import { DRIFT_PAGE, driftListOptions } from "#lib/client/drift";
import { windowListOptions } from "#lib/client/maintenance";
import { makeQueryClient } from "#lib/client/query";
import { DriftListQuery } from "#lib/contracts/drift-group";
import { requirePageContext } from "#lib/server/page-context";
import { driftList } from "#lib/services/drift-group/list";
import { maintenanceWindows } from "#lib/services/maintenance-window/list";

export const metadata: Metadata = { title: "Drift" };

export default async function DriftPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("drift:read");
  const { tab, q, sort } = await props.searchParams;
  const asked = DriftListQuery.pick({ tab: true, q: true, sort: true }).safeParse({ tab, q, sort });
  const view = asked.success ? asked.data : DriftListQuery.pick({ tab: true, q: true, sort: true }).parse({});
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...driftListOptions(view),
      queryFn: () => driftList(ctx, { ...view, limit: DRIFT_PAGE }),
      retry: false,
    })
    .catch(() => undefined);
  await queryClient
    .query({
      ...windowListOptions("running"),
      queryFn: () => maintenanceWindows(ctx, { state: "running" }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <DriftInbox view={view} />
    </HydrationBoundary>
  );
}
