"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { NodeCredentials } from "#components/credentials/node-credentials";
import { TimeLink, useTimeTravel } from "#components/shell/time-travel";
import { Button, buttonClass } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { useNow } from "#components/ui/clock";
import { EmptyState } from "#components/ui/empty-state";
import { ErrorPanel } from "#components/ui/error-panel";
import { ProgressBar } from "#components/ui/progress-bar";
import { SkeletonRows } from "#components/ui/skeleton";
import { bootstrapStages, stageDurations } from "#lib/client/bootstrap-stages";
import { onboardingOptions } from "#lib/client/lifecycle";
import { nodeEventsOptions, nodeTimelineOptions } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import { shownInstant } from "#lib/client/time-travel";
import { fetchWindow } from "#lib/client/timeline-range";
import type { Timeline } from "#lib/contracts/node";
import { EventTable } from "./event-table.tsx";
import { LifecycleCard } from "./lifecycle-card.tsx";
import { StageDurations } from "./stage-durations.tsx";
import { StageStepper } from "./stage-stepper.tsx";

/** How the node came to be: its stages and every event behind them. */
export function BootstrapView({ nodeId }: { nodeId: string }) {
  const clockMs = useNow();
  const { time } = useTimeTravel();
  const shown = shownInstant(time);
  const nowMs = shown === null ? clockMs : Date.parse(shown);
  const whole = { fromMs: 0, toMs: nowMs };
  const list = useInfiniteQuery(nodeEventsOptions(nodeId, time));
  const { data: life } = useQuery(
    nodeTimelineOptions(nodeId, shown === null ? fetchWindow(whole) : whole, time.knownAt),
  );
  const { data: board } = useQuery(onboardingOptions(time));
  const events = list.data?.pages.flatMap(({ items }) => items) ?? [];

  if (list.error && events.length === 0) {
    return (
      <ErrorPanel
        title="The bootstrap events could not be loaded"
        error={list.error}
        onRetry={() => void list.refetch()}
      />
    );
  }
  const { verdictMs, trustedMs } = firstsOf(life);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Card title="From discovery to trust">
        <StageStepper stages={bootstrapStages(events, verdictMs, trustedMs)} />
        <StageDurations durations={stageDurations(life?.lifecycle ?? [], board?.stages ?? [], nowMs)} />
        {list.hasNextPage && (
          <p className="mt-3 text-small text-muted">
            Older events are not loaded yet; stages that rest on them say “no event”.
          </p>
        )}
      </Card>
      <LifecycleCard nodeId={nodeId} />
      <NodeCredentials nodeId={nodeId} />
      <Card flush title="Bootstrap events">
        <ProgressBar active={list.isFetching} />
        {list.isPending ? (
          <SkeletonRows rows={4} label="Loading the bootstrap events" />
        ) : events.length === 0 ? (
          <EmptyState
            title="No bootstrap event yet"
            action={
              <TimeLink href={paths.sources()} className={buttonClass("primary")}>
                Open sources
              </TimeLink>
            }
          >
            Nothing has told how this node was provisioned and enrolled. Connect a bootstrap source, such as
            SPIRE or anything that can send CloudEvents: add a source, create its key, and send its events to
            the address that the source's page shows.
          </EmptyState>
        ) : (
          <EventTable events={events} />
        )}
        {list.hasNextPage && (
          <div className="border-t border-line p-2">
            <Button size="sm" pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Older events
            </Button>
          </div>
        )}
      </Card>
    </div>
  );
}

/** First appraisal and first trust in the node's history; `null` while nothing says so. */
function firstsOf(life: Timeline | undefined): { verdictMs: number | null; trustedMs: number | null } {
  const appraised = life?.lanes.flatMap(({ kind, intervals }) =>
    kind === "source"
      ? intervals.flatMap(({ firstAt }) => (firstAt === null ? [] : [Date.parse(firstAt)]))
      : [],
  );
  const trusted = life?.lanes
    .filter(({ kind }) => kind === "trust")
    .flatMap(({ intervals }) =>
      intervals.filter(({ state }) => state === "trusted").map(({ from }) => Date.parse(from)),
    );
  return { verdictMs: smallest(appraised), trustedMs: smallest(trusted) };
}

function smallest(values: readonly number[] | undefined): number | null {
  return values && values.length > 0 ? values.reduce((a, b) => Math.min(a, b)) : null;
}
