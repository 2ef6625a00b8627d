import { HydrationBoundary } from "@tanstack/react-query";
import { Activity } from "#components/audit/activity";
import { activityOfObject } from "../../../activity-of-object.ts";
import { type PolicyPageProps, policyOfPage } from "../policy-of-page.ts";

export default async function PolicyActivityPage({ params, searchParams }: PolicyPageProps) {
  const { name } = await policyOfPage((await params).name);
  const object = `policy:${name}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <Activity object={object} />
    </HydrationBoundary>
  );
}
