import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { BaselinePage } from "#components/baselines/baseline-page";
import { baselineOptions } from "#lib/client/baselines";
import { displayText } from "#lib/client/format";
import { makeQueryClient } from "#lib/client/query";
import { baselineOfPage, versionOf } from "./baseline-of-page.ts";

type Props = {
  params: Promise<{ baselineId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name } = await baselineOfPage((await params).baselineId);
  return { title: displayText(name).text };
}

export default async function OneBaselinePage({ params, searchParams }: Props) {
  const baseline = await baselineOfPage((await params).baselineId);
  const { a, b } = await searchParams;
  const queryClient = makeQueryClient();
  queryClient.setQueryData(baselineOptions(baseline.id).queryKey, baseline);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <BaselinePage id={baseline.id} a={versionOf(a)} b={versionOf(b)} />
    </HydrationBoundary>
  );
}
