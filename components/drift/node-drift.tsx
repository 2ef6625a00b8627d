"use client";

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { TimeLink, useTimeTravel } from "#components/shell/time-travel";
import { EmptyState } from "#components/ui/empty-state";
import { ErrorPanel } from "#components/ui/error-panel";
import { HostileText } from "#components/ui/hostile-text";
import { ProgressBar } from "#components/ui/progress-bar";
import { SkeletonRows } from "#components/ui/skeleton";
import { Timestamp } from "#components/ui/timestamp";
import { nodeDriftOptions } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type { DriftLaneView } from "#lib/contracts/drift";
import { ChangeKeysHint } from "../compare/change-keys-hint.tsx";
import { type DiffMode, DiffModeTabs, useDiffMode } from "../compare/diff-mode.tsx";
import { useChangeKeys } from "../compare/use-change-keys.ts";
import { LaneFindings } from "./lane-findings.tsx";

const WAITING_MS = 2_000;

/** Where the evidence of a node differs from what its baselines expect, layer by layer. */
export function NodeDriftView({ nodeId }: { nodeId: string }) {
  const { time } = useTimeTravel();
  const { data, error, isFetching, refetch } = useQuery({
    ...nodeDriftOptions(nodeId, time),
    // Somebody who waits for the comparison need not ask for it.
    refetchInterval: ({ state }) => (state.data?.waiting ? WAITING_MS : false),
  });
  const box = useRef<HTMLDivElement>(null);
  const [mode, setMode] = useDiffMode();
  useChangeKeys(box);
  if (error && !data) {
    return <ErrorPanel title="The drift could not be loaded" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <SkeletonRows rows={6} label="Loading the drift" />;
  return (
    <div ref={box} className="flex min-w-0 flex-col gap-3">
      <ProgressBar active={isFetching} />
      {data.waiting && (
        <p role="status" className="text-small text-muted">
          Something new about this node is being compared with its baselines.
        </p>
      )}
      {data.lanes.some(({ worst }) => worst !== null) && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <DiffModeTabs mode={mode} onChange={setMode} />
          <ChangeKeysHint />
        </div>
      )}
      {data.lanes.map((lane) => (
        <Lane key={`${lane.sourceId} ${lane.label}`} nodeId={nodeId} lane={lane} mode={mode} />
      ))}
      {data.lanes.length === 0 && !data.waiting && (
        <EmptyState
          title="Compared with no baseline"
          action={
            <TimeLink href={paths.baselines()} className="link touch">
              Open baselines
            </TimeLink>
          }
        >
          No baseline was in force for this node, or none of its evidence carries what one speaks about.
          Without a baseline only the verifiers judge it.
        </EmptyState>
      )}
    </div>
  );
}

function Lane({ nodeId, lane, mode }: { nodeId: string; lane: DriftLaneView; mode: DiffMode }) {
  const { label, baselines, since } = lane;
  return (
    <section aria-label={label} className="min-w-0 overflow-hidden rounded-[6px] border border-line bg-bg">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
        <h2 className="min-w-0 text-data font-semibold">
          <HostileText text={label} max={80} />
        </h2>
        <span className="text-small text-muted">
          compared with{" "}
          {baselines.map(({ id, name, version }, index) => (
            <span key={id}>
              {index > 0 && ", "}
              <TimeLink href={paths.baseline(id)} className="link touch">
                <HostileText text={name} max={60} />
              </TimeLink>{" "}
              v{version}
            </span>
          ))}
          , so since <Timestamp iso={since} />
        </span>
      </div>
      <LaneFindings lane={lane} mode={mode} nodeId={nodeId} />
    </section>
  );
}
