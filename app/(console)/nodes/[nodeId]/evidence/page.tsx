import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { Suspense } from "react";
import { EvidenceView } from "#components/node/evidence-view";
import { NodeLoading } from "#components/node/node-loading";
import { nodeEvidenceOptions, nodeVerdictOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import { type TimeTravel, timeParams, timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import type { ServiceContext } from "#lib/services/context";
import { nodeEvidence } from "#lib/services/node/evidence";
import { nodeVerdict } from "#lib/services/node/verdict";
import { nodeIdOf } from "../node-of-page.ts";

const PAGE_SIZE = 25;
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

type Props = {
  params: Promise<{ nodeId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export default async function NodeEvidencePage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("evidence:read");
  const search = await props.searchParams;
  const asked = single(search.before);
  const before = asked && INSTANT.test(asked) ? asked : null;
  return (
    <Suspense fallback={<NodeLoading />}>
      <Evidence
        ctx={ctx}
        nodeId={nodeId}
        before={before}
        event={single(search.event)}
        time={timeTravelOf(search)}
      />
    </Suspense>
  );
}

/** Waited for inside the page and not above it, so that a refusal is known before anything is sent. */
async function Evidence({
  ctx,
  nodeId,
  before,
  event,
  time,
}: {
  ctx: ServiceContext;
  nodeId: string;
  before: string | null;
  event: string | undefined;
  time: TimeTravel;
}) {
  const queryClient = makeQueryClient();
  const list = await queryClient
    .infiniteQuery({
      ...nodeEvidenceOptions(nodeId, before, time),
      queryFn: () =>
        nodeEvidence(ctx, { nodeId, limit: PAGE_SIZE, ...(before ? { before } : {}), ...timeParams(time) }),
      retry: false,
    })
    .catch(() => undefined);
  const eventHash = event ?? list?.pages[0]?.items[0]?.eventHash;
  if (eventHash) {
    await queryClient
      .query({
        ...nodeVerdictOptions(nodeId, eventHash),
        queryFn: () => nodeVerdict(ctx, { nodeId, eventHash }),
        retry: false,
      })
      .catch(() => undefined);
  }
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <EvidenceView nodeId={nodeId} />
    </HydrationBoundary>
  );
}
