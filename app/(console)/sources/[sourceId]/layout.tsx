import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { SourceFrame } from "#components/sources/source-frame";
import { displayText } from "#lib/client/format";
import { makeQueryClient } from "#lib/client/query";
import { sourceListOptions } from "#lib/client/sources";
import { PRESENT } from "#lib/client/time-travel";
import { sourceOfPage } from "./source-of-page.ts";

type Props = { params: Promise<{ sourceId: string }>; children: ReactNode };

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const found = await sourceOfPage((await params).sourceId);
  return { title: found ? `Source ${displayText(found.source.name).text}` : "No such source" };
}

/** What holds for every page of a source: its header stays while the tab below changes. */
export default async function SourceLayout({ params, children }: Props) {
  const found = await sourceOfPage((await params).sourceId);
  if (!found) notFound();
  const queryClient = makeQueryClient();
  queryClient.setQueryData(sourceListOptions(PRESENT).queryKey, found.sources);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SourceFrame sourceId={found.source.id}>{children}</SourceFrame>
    </HydrationBoundary>
  );
}
