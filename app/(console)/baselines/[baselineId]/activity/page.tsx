import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ActivityPage } from "#components/audit/activity";
import { paths } from "#lib/client/paths";
import { activityOfObject, type Search } from "../../../activity-of-object.ts";
import { baselineOfPage } from "../baseline-of-page.ts";

export const metadata: Metadata = { title: "Activity of a baseline" };

type Props = { params: Promise<{ baselineId: string }>; searchParams: Search };

export default async function BaselineActivityPage({ params, searchParams }: Props) {
  const { id, name } = await baselineOfPage((await params).baselineId);
  const object = `baseline:${id}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <ActivityPage
        title={name}
        crumb={{ href: paths.baselines(), label: "Baselines" }}
        label="Baseline"
        overview={paths.baseline(id)}
        activity={paths.baselineActivity(id)}
        object={object}
      />
    </HydrationBoundary>
  );
}
