import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { z } from "zod";
import { MaintenancePage } from "#components/drift/maintenance-page";
import { windowListOptions, windowOptions } from "#lib/client/maintenance";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { maintenanceWindow, maintenanceWindows } from "#lib/services/maintenance-window/list";

export const metadata: Metadata = { title: "Maintenance" };

export default async function MaintenanceWindowsPage({
  searchParams,
}: {
  searchParams: Promise<{ window?: string | string[] }>;
}) {
  const ctx = await requirePageContext("drift:read");
  const { window: asked } = await searchParams;
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...windowListOptions("all"),
      queryFn: () => maintenanceWindows(ctx, { state: "all" }),
      retry: false,
    })
    .catch(() => undefined);
  const open = typeof asked === "string" && z.uuid().safeParse(asked).success ? asked : null;
  if (open !== null) {
    await queryClient
      .query({
        ...windowOptions(open),
        queryFn: () => maintenanceWindow(ctx, { windowId: open }),
        retry: false,
      })
      .catch(() => undefined);
  }
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <MaintenancePage open={open} />
    </HydrationBoundary>
  );
}
