import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { OnboardingPage } from "#components/onboarding/onboarding-page";
import { onboardingOptions } from "#lib/client/lifecycle";
import { makeQueryClient } from "#lib/client/query";
import { timeParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { onboardingBoard } from "#lib/services/lifecycle/board";

export const metadata: Metadata = { title: "Onboarding" };

export default async function Onboarding(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("fleet:read");
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...onboardingOptions(time),
      queryFn: () => onboardingBoard(ctx, timeParams(time)),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <OnboardingPage />
    </HydrationBoundary>
  );
}
