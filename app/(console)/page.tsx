import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { Overview } from "#components/fleet/overview";
import {
  fleetChangesOptions,
  fleetSummaryOptions,
  fleetTrendOptions,
  TREND_RANGES,
  trendQuery,
} from "#lib/client/fleet";
import { makeQueryClient } from "#lib/client/query";
import { sourceListOptions } from "#lib/client/sources";
import { FleetChangesQuery } from "#lib/contracts/fleet";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { fleetChanges } from "#lib/services/fleet/changes";
import { fleetSummary } from "#lib/services/fleet/summary";
import { fleetTrend } from "#lib/services/fleet/trend";
import { sourceList } from "#lib/services/source/list";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const ctx = await requirePageContext("fleet:read");
  const { range: asked } = await props.searchParams;
  const range = TREND_RANGES.find((known) => known === asked) ?? "24h";
  const queryClient = makeQueryClient();
  // A tile whose figures cannot be read says so itself; it must not take the page with it.
  await Promise.allSettled([
    queryClient.query({ ...fleetSummaryOptions(), queryFn: () => fleetSummary(ctx, {}), retry: false }),
    queryClient.query({
      ...fleetTrendOptions(range),
      queryFn: () => fleetTrend(ctx, trendQuery(range, ctx.now().getTime())),
      retry: false,
    }),
    queryClient.query({
      ...fleetChangesOptions(),
      queryFn: () => fleetChanges(ctx, FleetChangesQuery.parse({})),
      retry: false,
    }),
    queryClient.query({
      ...sourceListOptions(),
      queryFn: () => sourceList(ctx, sourceKinds()),
      retry: false,
    }),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <Overview />
    </HydrationBoundary>
  );
}
