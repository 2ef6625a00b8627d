import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { notFound } from "next/navigation";
import { TimelineView } from "#components/timeline/timeline-view";
import { nodeTimelineOptions } from "#lib/client/node";
import { makeQueryClient } from "#lib/client/query";
import {
  DEFAULT_FROM,
  DEFAULT_TO,
  fetchWindow,
  isoOf,
  resolveInstant,
  resolveRange,
} from "#lib/client/timeline-range";
import { requirePageContext } from "#lib/server/page-context";
import { nodeTimeline } from "#lib/services/node/timeline";
import { nodeIdOf } from "../node-of-page.ts";

type Props = {
  params: Promise<{ nodeId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export default async function NodeTimelinePage(props: Props) {
  const nodeId = nodeIdOf(await props.params);
  if (!nodeId) notFound();
  const ctx = await requirePageContext("fleet:read");
  const search = await props.searchParams;
  const nowMs = ctx.now().getTime();
  const range = fetchWindow(
    resolveRange(single(search.from) ?? DEFAULT_FROM, single(search.to) ?? DEFAULT_TO, nowMs, 0),
  );
  const asked = single(search.knownAt);
  const knownAt = asked && resolveInstant(asked, nowMs) !== null ? asked : null;

  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...nodeTimelineOptions(nodeId, range, knownAt),
      queryFn: () =>
        nodeTimeline(ctx, {
          nodeId,
          from: isoOf(range.fromMs),
          to: isoOf(range.toMs),
          ...(knownAt ? { knownAt } : {}),
        }),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <TimelineView nodeId={nodeId} />
    </HydrationBoundary>
  );
}
