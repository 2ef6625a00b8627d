import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { AutomaticPage } from "#components/settings/automatic-page";
import { automaticOptions } from "#lib/client/automatic";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { automaticReport } from "#lib/services/automatic/report";

export const metadata: Metadata = { title: "Automatic containment" };

export default async function AutomaticSettings() {
  const ctx = await requirePageContext("remediation:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...automaticOptions(), queryFn: () => automaticReport(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AutomaticPage />
    </HydrationBoundary>
  );
}
