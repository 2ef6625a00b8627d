import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { RemediationListPage } from "#components/remediation/remediation-list";
import { makeQueryClient } from "#lib/client/query";
import { firstRemediations, remediationListOptions } from "#lib/client/remediations";
import { RemediationListQuery } from "#lib/contracts/remediation";
import { requirePageContext } from "#lib/server/page-context";
import { remediationList } from "#lib/services/remediation/list";

export const metadata: Metadata = { title: "Remediations" };

export default async function RemediationsPage({
  searchParams,
}: {
  searchParams: Promise<{ tab?: string }>;
}) {
  const ctx = await requirePageContext("remediation:read");
  const asked = RemediationListQuery.shape.tab.safeParse((await searchParams).tab ?? "waiting_on_me");
  const tab = asked.success ? asked.data : "waiting_on_me";
  const queryClient = makeQueryClient();
  await queryClient
    .infiniteQuery({
      ...remediationListOptions(tab),
      queryFn: () => remediationList(ctx, { tab, ...firstRemediations }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <RemediationListPage tab={tab} />
    </HydrationBoundary>
  );
}
