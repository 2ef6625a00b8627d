import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { BootstrapView } from "#components/node/bootstrap-view";
import { nodeCredentialsOptions } from "#lib/client/credentials";
import { nodeEventsOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { nodeCredentials } from "#lib/services/credential/of-node";
import { nodeEvents } from "#lib/services/node/events";
import { nodeIdOf } from "../node-of-page.ts";

const PAGE_SIZE = 200;

export default async function NodeBootstrapPage(props: { params: Promise<{ nodeId: string }> }) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("fleet:read");
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient
      .infiniteQuery({
        ...nodeEventsOptions(nodeId),
        queryFn: () => nodeEvents(ctx, { nodeId, limit: PAGE_SIZE }),
        retry: false,
      })
      .catch(() => undefined),
    queryClient
      .query({
        ...nodeCredentialsOptions(nodeId),
        queryFn: () => nodeCredentials(ctx, { nodeId }, sourceKinds()),
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
