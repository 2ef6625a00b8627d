import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ActivityPage } from "#components/audit/activity";
import { paths } from "#lib/client/paths";
import { activityOfObject, type Search } from "../../../activity-of-object.ts";
import { incidentOfPage } from "../incident-of-page.ts";

export const metadata: Metadata = { title: "Activity of an incident" };

type Props = { params: Promise<{ incidentId: string }>; searchParams: Search };

export default async function IncidentActivityPage({ params, searchParams }: Props) {
  const { id, title } = await incidentOfPage((await params).incidentId);
  const object = `incident:${id}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <ActivityPage
        title={title}
        crumb={{ href: paths.incidents(), label: "Incidents" }}
        label="Incident"
        overview={paths.incident(id)}
        activity={paths.incidentActivity(id)}
        object={object}
      />
    </HydrationBoundary>
  );
}
