"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { fleetChangesOptions, fleetSummaryOptions, fleetTrendOptions } from "#lib/client/fleet";
import { paths } from "#lib/client/paths";
import { sourceListOptions } from "#lib/client/sources";
import { shownInstant } from "#lib/client/time-travel";
import { useDriftNeeds } from "../drift/drift-needs.ts";
import { useRemediationNeeds } from "../remediation/remediation-needs.ts";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { FrozenClock } from "../ui/clock.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Skeleton, SkeletonRows } from "../ui/skeleton.tsx";
import { FirstRun } from "./first-run.tsx";
import { NeedsYou, needsOf } from "./needs-you.tsx";
import { RangeTabs, useTrendRange } from "./range-tabs.tsx";
import { RecentChangesList } from "./recent-changes.tsx";
import { SourceHealth } from "./source-health.tsx";
import { StatusTrend } from "./status-trend.tsx";
import { Tile } from "./tile.tsx";
import { VerdictBar } from "./verdict-bar.tsx";

/** Is the fleet trustworthy now, is it getting better or worse, and what asks for a person? */
export function Overview() {
  const [range, setRange] = useTrendRange();
  const { time } = useTimeTravel();
  const summary = useQuery(fleetSummaryOptions(time));
  const trend = useQuery({ ...fleetTrendOptions(range, time), placeholderData: keepPreviousData });
  const changes = useQuery(fleetChangesOptions(time));
  const sources = useQuery(sourceListOptions(time));
  const shown = shownInstant(time);
  const remediationNeeds = useRemediationNeeds();
  const driftNeeds = useDriftNeeds();

  if (summary.data?.nodes === 0 && sources.data && shown === null) {
    return (
      <>
        <PageHeader title="Overview" meta="No node is known yet" />
        <FirstRun sources={sources.data.items} />
      </>
    );
  }

  return (
    <FrozenClock atMs={shown === null ? null : Date.parse(shown)}>
      <PageHeader title="Overview" actions={<RangeTabs range={range} onChange={setRange} />} />
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-3">
        <Tile
          title={shown === null ? "Fleet now" : "Fleet then"}
          what="The counts by status"
          query={summary}
          skeleton={<Skeleton className="h-[140px] w-full" />}
          className="lg:col-span-3"
        >
          {(data) => <VerdictBar summary={data} />}
        </Tile>
        <Tile
          title={`Status over ${range}`}
          what="The course of the statuses"
          query={trend}
          skeleton={<Skeleton className="h-[320px] w-full" />}
          className="lg:col-span-2"
        >
          {(data) => <StatusTrend trend={data} range={range} />}
        </Tile>
        <Tile
          title="Needs you"
          what="What needs you"
          query={summary}
          skeleton={<SkeletonRows rows={5} />}
          flush
        >
          {(data) => (
            <NeedsYou
              needs={[...remediationNeeds, ...driftNeeds, ...needsOf(data, sources.data)]}
              sourcesUnknown={sources.isError && sources.data === undefined}
            />
          )}
        </Tile>
        <Tile
          title="Recent changes"
          what="The recent changes"
          query={changes}
          skeleton={<SkeletonRows rows={8} />}
          flush
          className="lg:col-span-2"
        >
          {(data) => <RecentChangesList items={data.items} />}
        </Tile>
        <Tile
          title="Source health"
          what="The sources"
          query={sources}
          skeleton={<SkeletonRows rows={4} />}
          flush
        >
          {(data) =>
            data.items.length === 0 ? (
              <EmptyState title="No sources">
                Nothing can send yet.{" "}
                <Link href={paths.sources()} className="link">
                  Create a source
                </Link>
              </EmptyState>
            ) : (
              <SourceHealth sources={data.items} />
            )
          }
        </Tile>
      </div>
    </FrozenClock>
  );
}
