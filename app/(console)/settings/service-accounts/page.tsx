import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ServiceAccountsPage } from "#components/settings/service-accounts-page";
import { makeQueryClient } from "#lib/client/query";
import { serviceAccountsOptions } from "#lib/client/service-accounts";
import { env } from "#lib/server/env";
import { requirePageContext } from "#lib/server/page-context";
import { serviceAccountList } from "#lib/services/service-account/list";

export const metadata: Metadata = { title: "Service accounts" };

export default async function ServiceAccountSettings() {
  const ctx = await requirePageContext("user:read");
  const { workloadIssuers } = env();
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...serviceAccountsOptions(),
      queryFn: async () => serviceAccountList(ctx, workloadIssuers),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ServiceAccountsPage />
    </HydrationBoundary>
  );
}
