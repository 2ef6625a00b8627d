import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { BootstrapView } from "#components/node/bootstrap-view";
import { nodeCredentialsOptions } from "#lib/client/credentials";
import { nodeEventsOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { timeParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { nodeCredentials } from "#lib/services/credential/of-node";
import { nodeEvents } from "#lib/services/node/events";
import { nodeIdOf } from "../node-of-page.ts";

const PAGE_SIZE = 200;

type Props = {
  params: Promise<{ nodeId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function NodeBootstrapPage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("fleet:read");
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient
      .infiniteQuery({
        ...nodeEventsOptions(nodeId, time),
        queryFn: () => nodeEvents(ctx, { nodeId, limit: PAGE_SIZE, ...timeParams(time) }),
        retry: false,
      })
      .catch(() => undefined),
    queryClient
      .query({
        ...nodeCredentialsOptions(nodeId, time),
        queryFn: () => nodeCredentials(ctx, { nodeId, ...timeParams(time) }, sourceKinds()),
        retry: false,
      })
      .catch(() => undefined),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <BootstrapView nodeId={nodeId} />
    </HydrationBoundary>
  );
}
