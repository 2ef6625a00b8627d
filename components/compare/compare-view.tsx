"use client";

import { useQuery } from "@tanstack/react-query";
import { Equal } from "lucide-react";
import { parseAsString, useQueryStates } from "nuqs";
import { type ReactNode, useRef } from "react";
import { useTimeTravel } from "#components/shell/time-travel";
import { cn } from "#components/ui/cn";
import { CopyButton } from "#components/ui/copy-button";
import { EmptyState } from "#components/ui/empty-state";
import { ErrorPanel } from "#components/ui/error-panel";
import { ProgressBar } from "#components/ui/progress-bar";
import { SkeletonRows } from "#components/ui/skeleton";
import { baselineRef, compareRequest, countWords, nodeGroups } from "#lib/client/compare";
import { formatPlural } from "#lib/client/format";
import { nodeCompareOptions } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type { BaselineComparison, NodeComparison } from "#lib/contracts/compare";
import { BaselineDifference } from "./baseline-difference.tsx";
import { ChangeGroups } from "./change-groups.tsx";
import { ChangeKeysHint } from "./change-keys-hint.tsx";
import { CompareToolbar } from "./compare-toolbar.tsx";
import { type DiffMode, DiffModeTabs, useDiffMode } from "./diff-mode.tsx";
import { LaneDifference } from "./lane-difference.tsx";
import { SideCards } from "./side-cards.tsx";
import { useChangeKeys } from "./use-change-keys.ts";

/** What differs between two instants of a node, or between it and another one or a baseline. The address holds both sides. */
export function CompareView({ nodeId }: { nodeId: string }) {
  const [sides, setSides] = useQueryStates({ a: parseAsString, b: parseAsString }, { history: "push" });
  const { time } = useTimeTravel();
  const request = compareRequest(sides, time);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery(
    nodeCompareOptions(nodeId, request),
  );
  const box = useRef<HTMLDivElement>(null);
  const [mode, setMode] = useDiffMode();
  const switcher = <DiffModeTabs mode={mode} onChange={setMode} />;
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
          {data.against === "baseline" ? (
            <BaselineDifference
              comparison={data}
              mode={mode}
              onVersion={(version) => void setSides(baselineSides(sides, data, version))}
            >
              <Summary total={data.differences} words="" link={baselineLink(data)} switcher={switcher} />
            </BaselineDifference>
          ) : (
            <NodeDifference comparison={data} mode={mode} switcher={switcher} />
          )}
        </div>
      )}
    </div>
  );
}

function NodeDifference({
  comparison,
  mode,
  switcher,
}: {
  comparison: NodeComparison;
  mode: DiffMode;
  switcher: ReactNode;
}) {
  const { counts, nodeId, a, b, knownAt, lanes } = comparison;
  const link = paths.nodeCompare(nodeId, { a: a.ref, b: b.ref, knownAt });
  return (
    <>
      <SideCards comparison={comparison} />
      <Summary total={counts.total} words={countWords(counts)} link={link} switcher={switcher} />
      {counts.total === 0 ? (
        <NoDifference comparison={comparison} />
      ) : (
        <>
          <ChangeGroups title="The node" groups={nodeGroups(comparison)} mode={mode} />
          {lanes.map((lane) => (
            <LaneDifference key={lane.key} lane={lane} a={a} b={b} mode={mode} />
          ))}
        </>
      )}
    </>
  );
}

function baselineLink({ nodeId, knownAt, node, baseline, baselineSide }: BaselineComparison): string {
  const [a, b] = baselineSide === "a" ? [baseline.ref, node.ref] : [node.ref, baseline.ref];
  return paths.nodeCompare(nodeId, { a, b, knownAt });
}

/** The same comparison with another version of its baseline; the side of the node stays as it was asked. */
function baselineSides(
  sides: { a: string | null; b: string | null },
  { baseline, baselineSide }: BaselineComparison,
  version: number | null,
) {
  return { ...sides, [baselineSide]: baselineRef(baseline.id, version) };
}

/** How much differs, how it is shown, and a link that will always show exactly this. */
function Summary({
  total,
  words,
  link,
  switcher,
}: {
  total: number;
  /** How many of each kind; empty = that is told elsewhere. */
  words: string;
  link: string;
  switcher: ReactNode;
}) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-data">
      <span role="status">
        {total === 0 ? (
          "No difference"
        ) : (
          <>
            <strong className="font-semibold">{formatPlural(total, "change")}</strong>
            {words && `: ${words}`}
          </>
        )}
      </span>
      <span className="inline-flex items-center text-small text-muted">
        Link with absolute times
        <CopyLink path={link} />
      </span>
      {total > 0 && (
        <>
          {switcher}
          <ChangeKeysHint />
        </>
      )}
    </div>
  );
}

function CopyLink({ path }: { path: string }) {
  const origin = typeof window === "undefined" ? "" : window.location.origin;
  return <CopyButton value={`${origin}${path}`} label="Copy the link with absolute times" />;
}

function NoDifference({ comparison: { lanes, a, b } }: { comparison: NodeComparison }) {
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
