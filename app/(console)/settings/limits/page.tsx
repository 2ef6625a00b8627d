import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { LimitsPage } from "#components/settings/limits-page";
import { makeQueryClient } from "#lib/client/query";
import { remediationLimitsOptions } from "#lib/client/remediation-limits";
import { requirePageContext } from "#lib/server/page-context";
import { remediationLimits } from "#lib/services/remediation/limits";

export const metadata: Metadata = { title: "Limits of remediation" };

export default async function LimitsSettings() {
  const ctx = await requirePageContext("remediation:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...remediationLimitsOptions(), queryFn: () => remediationLimits(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <LimitsPage />
    </HydrationBoundary>
  );
}
