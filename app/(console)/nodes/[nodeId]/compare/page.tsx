import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { Suspense } from "react";
import { CompareView } from "#components/compare/compare-view";
import { NodeLoading } from "#components/node/node-loading";
import { compareRequest } from "#lib/client/compare";
import { compareQuery, nodeCompareOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { timeTravelOf } from "#lib/client/time-travel";
import { CompareQuery } from "#lib/contracts/compare";
import { requirePageContext } from "#lib/server/page-context";
import type { ServiceContext } from "#lib/services/context";
import { nodeCompare } from "#lib/services/node/compare";
import { nodeIdOf } from "../node-of-page.ts";

type Search = Record<string, string | string[] | undefined>;
type Props = { params: Promise<{ nodeId: string }>; searchParams: Promise<Search> };

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? null;

export default async function NodeComparePage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("evidence:read");
  return (
    <Suspense fallback={<NodeLoading />}>
      <Compare ctx={ctx} nodeId={nodeId} search={await props.searchParams} />
    </Suspense>
  );
}

/** Waited for inside the page and not above it, so that a refusal is known before anything is sent. */
async function Compare({ ctx, nodeId, search }: { ctx: ServiceContext; nodeId: string; search: Search }) {
  const queryClient = makeQueryClient();
  const request = compareRequest({ a: single(search.a), b: single(search.b) }, timeTravelOf(search));
  const query = CompareQuery.safeParse(compareQuery(request));
  if (query.success) {
    await queryClient
      .query({
        ...nodeCompareOptions(nodeId, request),
        queryFn: () => nodeCompare(ctx, { ...query.data, nodeId }),
        retry: false,
      })
      .catch(() => undefined);
  }
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <CompareView nodeId={nodeId} />
    </HydrationBoundary>
  );
}
