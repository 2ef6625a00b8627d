import { HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { Activity } from "#components/audit/activity";
import { activityOfObject, type Search } from "../../../activity-of-object.ts";
import { sourceOfPage } from "../source-of-page.ts";

type Props = { params: Promise<{ sourceId: string }>; searchParams: Search };

export default async function SourceActivityPage({ params, searchParams }: Props) {
  const found = await sourceOfPage((await params).sourceId);
  if (!found) notFound();
  const object = `source:${found.source.id}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <Activity object={object} />
    </HydrationBoundary>
  );
}
