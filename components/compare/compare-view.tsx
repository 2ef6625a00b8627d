"use client";

import { useQuery } from "@tanstack/react-query";
import { Equal } from "lucide-react";
import { parseAsString, useQueryStates } from "nuqs";
import { useRef } from "react";
import { useTimeTravel } from "#components/shell/time-travel";
import { cn } from "#components/ui/cn";
import { CopyButton } from "#components/ui/copy-button";
import { EmptyState } from "#components/ui/empty-state";
import { ErrorPanel } from "#components/ui/error-panel";
import { ProgressBar } from "#components/ui/progress-bar";
import { SkeletonRows } from "#components/ui/skeleton";
import { compareRequest, countWords, nodeGroups } from "#lib/client/compare";
import { formatPlural } from "#lib/client/format";
import { nodeCompareOptions } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type { Comparison } from "#lib/contracts/compare";
import { ChangeGroups } from "./change-groups.tsx";
import { CompareToolbar } from "./compare-toolbar.tsx";
import { LaneDifference } from "./lane-difference.tsx";
import { SideCards } from "./side-cards.tsx";
import { useChangeKeys } from "./use-change-keys.ts";

/** What differs between two instants of a node, or between it and another one. The address holds both sides. */
export function CompareView({ nodeId }: { nodeId: string }) {
  const [sides, setSides] = useQueryStates({ a: parseAsString, b: parseAsString }, { history: "push" });
  const { time } = useTimeTravel();
  const request = compareRequest(sides, time);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery(
    nodeCompareOptions(nodeId, request),
  );
  const box = useRef<HTMLDivElement>(null);
  useChangeKeys(box);
  return (
    <div ref={box} className="flex min-w-0 flex-col gap-3">
      <CompareToolbar nodeId={nodeId} sides={sides} onChoose={(chosen) => void setSides(chosen)} />
      <ProgressBar active={isFetching} />
      {error && (
        <ErrorPanel title="These two cannot be compared" error={error} onRetry={() => void refetch()} />
      )}
      {!data && !error && <SkeletonRows rows={8} label="Comparing" />}
      {data && !error && (
        <div className={cn("flex min-w-0 flex-col gap-3", isPlaceholderData && "opacity-60")}>
          <SideCards comparison={data} />
          <Summary comparison={data} />
          {data.counts.total === 0 ? (
            <NoDifference comparison={data} />
          ) : (
            <>
              <ChangeGroups title="The node" groups={nodeGroups(data)} />
              {data.lanes.map((lane) => (
                <LaneDifference key={lane.key} lane={lane} a={data.a} b={data.b} />
              ))}
            </>
          )}
        </div>
      )}
    </div>
  );
}

/** How much differs, and a link that will always show exactly this. */
function Summary({ comparison }: { comparison: Comparison }) {
  const { counts, nodeId, a, b, knownAt } = comparison;
  const link = paths.nodeCompare(nodeId, { a: a.ref, b: b.ref, knownAt });
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-data">
      <span role="status">
        {counts.total === 0 ? (
          "No difference"
        ) : (
          <>
            <strong className="font-semibold">{formatPlural(counts.total, "change")}</strong>:{" "}
            {countWords(counts)}
          </>
        )}
      </span>
      <span className="inline-flex items-center text-small text-muted">
        Link with absolute times
        <CopyLink path={link} />
      </span>
      {counts.total > 0 && (
        <span className="text-small text-muted max-md:hidden">
          <kbd className="font-mono">n</kbd> next, <kbd className="font-mono">p</kbd> previous change
        </span>
      )}
    </p>
  );
}

function CopyLink({ path }: { path: string }) {
  const origin = typeof window === "undefined" ? "" : window.location.origin;
  return <CopyButton value={`${origin}${path}`} label="Copy the link with absolute times" />;
}

function NoDifference({ comparison: { lanes, a, b } }: { comparison: Comparison }) {
  const compared = lanes.reduce((sum, lane) => sum + (lane.a?.measurements ?? 0), 0);
  const same = a.ref === b.ref ? " Both sides are the same instant." : "";
  return (
    <EmptyState
      title={`No difference: ${formatPlural(lanes.length, "line")} of evidence and ${formatPlural(compared, "measurement")} are the same on both sides.`}
      icon={<Equal aria-hidden className="size-4 text-muted" />}
    >
      Status, claims, coverage, policies, verifier and identities were compared too.{same}
    </EmptyState>
  );
}
