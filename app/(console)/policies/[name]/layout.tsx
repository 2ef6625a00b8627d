import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { ReactNode } from "react";
import { PolicyFrame } from "#components/policies/policy-frame";
import { policyOptions } from "#lib/client/policies";
import { makeQueryClient } from "#lib/client/query";
import { policyOfPage } from "./policy-of-page.ts";

type Props = { params: Promise<{ name: string }>; children: ReactNode };

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  return { title: `Policy ${(await policyOfPage((await params).name)).name}` };
}

/** What holds for every page of a policy: its header stays while the tab below changes. */
export default async function PolicyLayout({ params, children }: Props) {
  const policy = await policyOfPage((await params).name);
  const queryClient = makeQueryClient();
  queryClient.setQueryData(policyOptions(policy.name).queryKey, policy);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <PolicyFrame name={policy.name}>{children}</PolicyFrame>
    </HydrationBoundary>
  );
}
