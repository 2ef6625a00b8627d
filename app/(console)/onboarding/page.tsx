import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { OnboardingPage } from "#components/onboarding/onboarding-page";
import { onboardingOptions } from "#lib/client/lifecycle";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { onboardingBoard } from "#lib/services/lifecycle/board";

export const metadata: Metadata = { title: "Onboarding" };

export default async function Onboarding() {
  const ctx = await requirePageContext("fleet:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...onboardingOptions(), queryFn: () => onboardingBoard(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <OnboardingPage />
    </HydrationBoundary>
  );
}
