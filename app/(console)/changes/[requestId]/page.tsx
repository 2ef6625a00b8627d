import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ChangeDetail } from "#components/changes/change-detail";
import { changeOptions } from "#lib/client/changes";
import { makeQueryClient } from "#lib/client/query";
import { changeOfPage } from "./change-of-page.ts";

export const metadata: Metadata = { title: "Change request" };

export default async function ChangePage({ params }: { params: Promise<{ requestId: string }> }) {
  const { requestId } = await params;
  const view = await changeOfPage(requestId);
  const queryClient = makeQueryClient();
  queryClient.setQueryData(changeOptions(requestId).queryKey, view);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ChangeDetail requestId={requestId} />
    </HydrationBoundary>
  );
}
