import { HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { Activity } from "#components/audit/activity";
import { activityOfObject, type Search } from "../../../activity-of-object.ts";
import { nodeIdOf } from "../node-of-page.ts";

type Props = { params: Promise<{ nodeId: string }>; searchParams: Search };

export default async function NodeActivityPage({ params, searchParams }: Props) {
  const nodeId = nodeIdOf(await params);
  if (!nodeId) notFound();
  const object = `node:${nodeId}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <Activity object={object} />
    </HydrationBoundary>
  );
}
