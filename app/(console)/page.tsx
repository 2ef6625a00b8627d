import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Overview } from "#components/fleet/overview";
import {
  fleetChangesOptions,
  fleetSummaryOptions,
  fleetTrendOptions,
  TREND_RANGES,
  trendQuery,
} from "#lib/client/fleet";
import { paths } from "#lib/client/paths";
import { makeQueryClient } from "#lib/client/query";
import { sourceListOptions } from "#lib/client/sources";
import { recordedParams, timeParams, timeTravelOf } from "#lib/client/time-travel";
import { FleetChangesQuery } from "#lib/contracts/fleet";
import { reviewOf } from "#lib/domain/access";
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
  // Whoever is here to review a period sees no fleet.
  if (reviewOf((await requirePageContext("account:own")).actor)) redirect(paths.compliance());
  const ctx = await requirePageContext("fleet:read");
  const search = await props.searchParams;
  const { range: asked } = search;
  const time = timeTravelOf(search);
  const range = TREND_RANGES.find((known) => known === asked) ?? "24h";
  const queryClient = makeQueryClient();
  // A tile whose figures cannot be read says so itself; it must not take the page with it.
  await Promise.allSettled([
    queryClient.query({
      ...fleetSummaryOptions(time),
      queryFn: () => fleetSummary(ctx, timeParams(time)),
      retry: false,
    }),
    queryClient.query({
      ...fleetTrendOptions(range, time),
      queryFn: () => fleetTrend(ctx, trendQuery(range, ctx.now().getTime(), time)),
      retry: false,
    }),
    queryClient.query({
      ...fleetChangesOptions(time),
      queryFn: () => fleetChanges(ctx, FleetChangesQuery.parse(timeParams(time))),
      retry: false,
    }),
    queryClient.query({
      ...sourceListOptions(time),
      queryFn: () => sourceList(ctx, sourceKinds(), recordedParams(time)),
      retry: false,
    }),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <Overview />
    </HydrationBoundary>
  );
}
