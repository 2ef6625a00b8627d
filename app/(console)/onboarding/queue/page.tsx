import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { EnrolmentQueueList } from "#components/onboarding/enrolment-queue";
import { OnboardingTabs } from "#components/onboarding/onboarding-tabs";
import { PageHeader } from "#components/ui/page-header";
import { enrolmentQueueOptions, openAlarmsOptions } from "#lib/client/identity";
import { paths } from "#lib/client/paths";
import { makeQueryClient } from "#lib/client/query";
import { recordedParams, timeTravelOf, withTime } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { enrolmentQueue } from "#lib/services/enrolment/queue";
import { identityAlarms } from "#lib/services/identity/alarms";

export const metadata: Metadata = { title: "Enrolment queue" };

export default async function EnrolmentQueuePage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("fleet:read");
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await Promise.allSettled([
    queryClient.query({
      ...enrolmentQueueOptions(),
      queryFn: () => enrolmentQueue(ctx, { state: "open" }),
      retry: false,
    }),
    queryClient.query({
      ...openAlarmsOptions(time),
      queryFn: () => identityAlarms(ctx, { state: "open", limit: 100, ...recordedParams(time) }),
      retry: false,
    }),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <PageHeader
        crumbs={[{ href: withTime(paths.onboarding(), time), label: "Onboarding" }]}
        title="Enrolment queue"
      />
      <OnboardingTabs />
      <EnrolmentQueueList />
    </HydrationBoundary>
  );
}
