import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ActivityPage } from "#components/audit/activity";
import { paths } from "#lib/client/paths";
import { ACTION_WORDS } from "#lib/client/remediation-words";
import { activityOfObject, type Search } from "../../../activity-of-object.ts";
import { remediationOfPage } from "../remediation-of-page.ts";

export const metadata: Metadata = { title: "Activity of a remediation" };

type Props = { params: Promise<{ requestId: string }>; searchParams: Search };

export default async function RemediationActivityPage({ params, searchParams }: Props) {
  const { id, action } = await remediationOfPage((await params).requestId);
  const object = `remediation:${id}`;
  return (
    <HydrationBoundary state={await activityOfObject(object, searchParams)}>
      <ActivityPage
        title={ACTION_WORDS[action].label}
        crumb={{ href: paths.remediations(), label: "Remediations" }}
        label="Remediation"
        overview={paths.remediation(id)}
        activity={paths.remediationActivity(id)}
        object={object}
      />
    </HydrationBoundary>
  );
}
