import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { PolicyListPage } from "#components/policies/policy-list";
import { policyExceptionOptions, policyListOptions } from "#lib/client/policies";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { policyExceptions } from "#lib/services/policy/exceptions";
import { policies } from "#lib/services/policy/list";

export const metadata: Metadata = { title: "Policies" };

export default async function PoliciesPage() {
  const ctx = await requirePageContext("policy:read");
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({ ...policyListOptions(), queryFn: () => policies(ctx), retry: false }),
    queryClient.query({ ...policyExceptionOptions(), queryFn: () => policyExceptions(ctx), retry: false }),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <PolicyListPage />
    </HydrationBoundary>
  );
}
