import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { EndingCredentials } from "#components/credentials/ending-credentials";
import { OnboardingTabs } from "#components/onboarding/onboarding-tabs";
import { PageHeader } from "#components/ui/page-header";
import { endingCredentialsOptions } from "#lib/client/credentials";
import { paths } from "#lib/client/paths";
import { makeQueryClient } from "#lib/client/query";
import { timeParams, timeTravelOf } from "#lib/client/time-travel";
import { CredentialListQuery } from "#lib/contracts/credential";
import { requirePageContext } from "#lib/server/page-context";
import { endingCredentialList } from "#lib/services/credential/ending";

export const metadata: Metadata = { title: "Credentials" };

export default async function CredentialsPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("fleet:read");
  const search = await props.searchParams;
  const time = timeTravelOf(search);
  const asked = CredentialListQuery.safeParse({ within: search.within });
  const query = asked.success ? asked.data : CredentialListQuery.parse({});
  const queryClient = makeQueryClient();
  await queryClient
    .infiniteQuery({
      ...endingCredentialsOptions(query.within, time),
      queryFn: () => endingCredentialList(ctx, { ...query, ...timeParams(time) }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <PageHeader
        crumbs={[{ href: paths.onboarding(), label: "Onboarding" }]}
        title="Credentials"
        meta="Of nodes, soonest end first"
      />
      <OnboardingTabs />
      <div className="mt-3">
        <EndingCredentials within={query.within} />
      </div>
    </HydrationBoundary>
  );
}
