import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { NodeDriftView } from "#components/drift/node-drift";
import { nodeDriftOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { timeParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { nodeDrift } from "#lib/services/node/drift";
import { nodeIdOf } from "../node-of-page.ts";

type Props = {
  params: Promise<{ nodeId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function NodeDriftPage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("evidence:read");
  const time = timeTravelOf(await props.searchParams);
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...nodeDriftOptions(nodeId, time),
      queryFn: () => nodeDrift(ctx, { nodeId, ...timeParams(time) }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <NodeDriftView nodeId={nodeId} />
    </HydrationBoundary>
  );
}
