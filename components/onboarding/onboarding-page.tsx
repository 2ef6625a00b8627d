"use client";

import { useQuery } from "@tanstack/react-query";
import { formatCount, formatPlural } from "#lib/client/format";
import { onboardingOptions } from "#lib/client/lifecycle";
import { paths } from "#lib/client/paths";
import type { OnboardingBoard } from "#lib/contracts/lifecycle";
import { NotRefreshed } from "../fleet/tile.tsx";
import { ShownClock, TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { buttonClass } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { FailedList } from "./failed-list.tsx";
import { OnboardingTabs } from "./onboarding-tabs.tsx";
import { StageColumn, TrustedColumn } from "./stage-column.tsx";

/** Who is on the way to trust, who is stuck, and who failed? */
export function OnboardingPage() {
  const { time } = useTimeTravel();
  const board = useQuery(onboardingOptions(time));
  const { data, error } = board;
  return (
    <>
      <PageHeader title="Onboarding" meta={data && summaryOf(data)} />
      <OnboardingTabs />
      {data === undefined && !error && <SkeletonRows rows={6} label="Loading the board" />}
      {data === undefined && error && (
        <ErrorPanel
          title="The board could not be loaded"
          error={error}
          onRetry={() => void board.refetch()}
        />
      )}
      {data && error && <NotRefreshed error={error} onRetry={() => void board.refetch()} />}
      {data && (
        <ShownClock>
          <Board board={data} />
        </ShownClock>
      )}
    </>
  );
}

/** Nodes of all columns, those on the way among them. */
function summaryOf({ stages }: OnboardingBoard): string {
  const onTheWay = stages.reduce((sum, { nodes }) => sum + nodes, 0);
  return `${formatPlural(onTheWay, "node")} on the way to trust`;
}

function Board({ board }: { board: OnboardingBoard }) {
  const { stages, trusted, failed, unattributedFailures, windowDays } = board;
  const total = stages.reduce((sum, { nodes }) => sum + nodes, 0) + trusted.nodes + failed.nodes;
  if (total === 0 && unattributedFailures === 0) {
    return (
      <EmptyState
        title="No node yet"
        action={
          <TimeLink href={paths.sources()} className={buttonClass("primary")}>
            Open sources
          </TimeLink>
        }
      >
        A node appears here with the first event or verdict that names it. Connect what provisions and enrolls
        your nodes, so that their way to trust can be seen.
      </EmptyState>
    );
  }
  return (
    <div className="mt-3 flex flex-col gap-3">
      {unattributedFailures > 0 && (
        <p className="rounded-[6px] border border-warn-line bg-warn-bg px-3 py-2 text-data text-warn-fg">
          <TimeLink href={paths.unattributed()} className="font-medium underline">
            {formatCount(unattributedFailures)} failed bootstrap{" "}
            {unattributedFailures === 1 ? "event names" : "events name"} no node
          </TimeLink>{" "}
          (last 24 h). A node that is missing here may be behind one of them.
        </p>
      )}
      <FailedList failed={failed} />
      <ol
        aria-label="Stages on the way to trust"
        className="grid grid-cols-1 items-start gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-5"
      >
        {stages.map((stage) => (
          <StageColumn key={stage.stage} stage={stage} />
        ))}
        <TrustedColumn trusted={trusted} />
      </ol>
      <p className="text-small text-muted">
        Median and 90th percentile: how long nodes stayed in a stage before they went on, over the last{" "}
        {windowDays} days; n = stays. The bar under a node is its time in the stage against the 90th
        percentile.
      </p>
    </div>
  );
}
