import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { DriftSettingsPage } from "#components/settings/drift-settings-page";
import { driftSettingsOptions } from "#lib/client/maintenance";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { driftSettingsView } from "#lib/services/drift-setting/get";

export const metadata: Metadata = { title: "Drift settings" };

export default async function DriftSettings() {
  const ctx = await requirePageContext("drift:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...driftSettingsOptions(), queryFn: () => driftSettingsView(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <DriftSettingsPage />
    </HydrationBoundary>
  );
}
