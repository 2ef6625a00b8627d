import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ChangeDetail } from "#components/changes/change-detail";
import { changeOptions } from "#lib/client/changes";
import { makeQueryClient } from "#lib/client/query";
import { ProblemError } from "#lib/domain/problems";
import { changeKinds } from "#lib/server/change-kinds";
import { requirePageContext } from "#lib/server/page-context";
import { changeGet } from "#lib/services/change-request/get";

export const metadata: Metadata = { title: "Change request" };

export default async function ChangePage({ params }: { params: Promise<{ requestId: string }> }) {
  const ctx = await requirePageContext("change:read");
  const { requestId } = await params;
  if (!z.uuid().safeParse(requestId).success) notFound();
  const queryClient = makeQueryClient();
  const view = await changeGet(ctx, { requestId }, changeKinds()).catch((error: unknown) => {
    if (error instanceof ProblemError && error.code === "change/not-found") return null;
    throw error;
  });
  if (!view) notFound();
  queryClient.setQueryData(changeOptions(requestId).queryKey, view);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ChangeDetail requestId={requestId} />
    </HydrationBoundary>
  );
}
