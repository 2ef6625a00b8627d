import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { NodeList } from "#components/fleet/node-list";
import { DEFAULT_NODE_SORT, NODE_SORT_KEYS } from "#lib/client/node-filter";
import { nodeListOptions, nodeListQuery } from "#lib/client/nodes";
import { makeQueryClient } from "#lib/client/query";
import { timeTravelOf } from "#lib/client/time-travel";
import { parseNodeQuery } from "#lib/domain/node-query";
import { requirePageContext } from "#lib/server/page-context";
import { nodeList } from "#lib/services/node/list";

export const metadata: Metadata = { title: "Nodes" };

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export default async function NodesPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("fleet:read");
  const params = await props.searchParams;
  const filter = {
    q: (single(params.q) ?? "").trim(),
    sort: NODE_SORT_KEYS.find((key) => key === single(params.sort)) ?? DEFAULT_NODE_SORT,
    time: timeTravelOf(params),
  };
  const queryClient = makeQueryClient();
  if (parseNodeQuery(filter.q).ok) {
    await queryClient
      .infiniteQuery({
        ...nodeListOptions(filter),
        queryFn: () => nodeList(ctx, nodeListQuery(filter)),
        retry: false,
      })
      .catch(() => undefined);
  }
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <NodeList />
    </HydrationBoundary>
  );
}
