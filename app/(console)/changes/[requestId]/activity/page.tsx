import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ActivityPage } from "#components/audit/activity";
import { paths } from "#lib/client/paths";
import { activityOfObject, type Search } from "../../../activity-of-object.ts";
import { changeOfPage } from "../change-of-page.ts";

export const metadata: Metadata = { title: "Activity of a change request" };

type Props = { params: Promise<{ requestId: string }>; searchParams: Search };

export default async function ChangeActivityPage({ params, searchParams }: Props) {
  const { id, kindLabel } = await changeOfPage((await params).requestId);
  const object = `change:${id}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <ActivityPage
        title={kindLabel}
        crumb={{ href: paths.changes(), label: "Changes" }}
        label="Change request"
        overview={paths.change(id)}
        activity={paths.changeActivity(id)}
        object={object}
      />
    </HydrationBoundary>
  );
}
