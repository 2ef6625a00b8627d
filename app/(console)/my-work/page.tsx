import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { MyWorkPage } from "#components/my-work/my-work";
import { changeListOptions, firstChanges } from "#lib/client/changes";
import { makeQueryClient } from "#lib/client/query";
import { firstRemediations, openReviewsOptions, remediationListOptions } from "#lib/client/remediations";
import { changeKinds } from "#lib/server/change-kinds";
import { requirePageContext } from "#lib/server/page-context";
import { changeRequests } from "#lib/services/change-request/list";
import { openReviews, remediationList } from "#lib/services/remediation/list";

export const metadata: Metadata = { title: "My work" };

export default async function MyWork() {
  const ctx = await requirePageContext("remediation:read");
  const queryClient = makeQueryClient();
  // What waits for somebody is there with the page; what they asked for and took on may come after it.
  await Promise.allSettled([
    queryClient.infiniteQuery({
      ...remediationListOptions("waiting_on_me"),
      queryFn: () => remediationList(ctx, { tab: "waiting_on_me", ...firstRemediations }),
      retry: false,
    }),
    queryClient.query({
      ...changeListOptions("waiting"),
      queryFn: () => changeRequests(ctx, { list: "waiting", ...firstChanges }, changeKinds()),
      retry: false,
    }),
    queryClient.query({ ...openReviewsOptions(), queryFn: () => openReviews(ctx), retry: false }),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <MyWorkPage />
    </HydrationBoundary>
  );
}
