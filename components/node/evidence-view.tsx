"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { parseAsString, useQueryStates } from "nuqs";
import { useState } from "react";
import { useTimeTravel } from "#components/shell/time-travel";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { EmptyState } from "#components/ui/empty-state";
import { ErrorPanel } from "#components/ui/error-panel";
import { useTimeMode } from "#components/ui/preferences";
import { ProgressBar } from "#components/ui/progress-bar";
import { SkeletonRows } from "#components/ui/skeleton";
import { formatInstant } from "#lib/client/format";
import { nodeEvidenceOptions, nodeVerdictOptions } from "#lib/client/node";
import { EvidenceList } from "./evidence-list.tsx";
import { VerdictDetailView } from "./verdict-detail.tsx";

const PARSERS = { event: parseAsString, before: parseAsString };
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** The verdicts of a node and the one that is open; on a phone one of the two at a time. */
export function EvidenceView({ nodeId }: { nodeId: string }) {
  const [url, setUrl] = useQueryStates(PARSERS, { history: "push" });
  const mode = useTimeMode();
  const { time } = useTimeTravel();
  const before = url.before && INSTANT.test(url.before) ? url.before : null;
  const list = useInfiniteQuery(nodeEvidenceOptions(nodeId, before, time));
  const verdicts = list.data?.pages.flatMap(({ items }) => items) ?? [];
  // The newest at arrival stays open when newer ones come in: what is being read must not change by itself.
  const [arrived, setArrived] = useState<{ before: string | null; hash: string } | null>(null);
  const newest = verdicts[0]?.eventHash;
  if (newest && (!arrived || arrived.before !== before)) setArrived({ before, hash: newest });
  const opened = url.event ?? arrived?.hash ?? null;

  if (list.error && verdicts.length === 0) {
    return (
      <ErrorPanel
        title="The evidence could not be loaded"
        error={list.error}
        onRetry={() => void list.refetch()}
      />
    );
  }
  return (
    <div className="grid min-w-0 grid-cols-1 gap-3 lg:grid-cols-[340px_minmax(0,1fr)] lg:items-start xl:grid-cols-[380px_minmax(0,1fr)]">
      <section
        aria-label="Verdicts"
        className={cn(
          "min-w-0 overflow-hidden rounded-[6px] border border-line bg-bg lg:sticky lg:top-16 lg:flex lg:max-h-[calc(100dvh-80px)] lg:flex-col",
          url.event && "max-lg:hidden",
        )}
      >
        <div className="flex min-h-9 flex-wrap items-center gap-x-3 border-b border-line px-3 py-1">
          <h2 className="label text-fg">Verdicts</h2>
          {before && (
            <span className="flex items-center gap-2 text-small text-muted">
              until {formatInstant(before, { mode })}
              <button
                type="button"
                className="touch link"
                onClick={() => void setUrl({ before: null, event: null })}
              >
                show the newest
              </button>
            </span>
          )}
        </div>
        <ProgressBar active={list.isFetching} />
        <div className="relative min-h-0 overflow-y-auto">
          {list.isPending ? (
            <SkeletonRows label="Loading the verdicts" />
          ) : verdicts.length === 0 ? (
            <EmptyState title={before ? "No verdict until then" : "No verdict yet"}>
              {before
                ? "No source had appraised this node at that instant."
                : "As soon as a source appraises this node, its verdicts stand here with everything they rest on."}
            </EmptyState>
          ) : (
            <EvidenceList
              verdicts={verdicts}
              selectedHash={opened}
              hasOlder={list.hasNextPage}
              loadingOlder={list.isFetchingNextPage}
              onSelect={(event) => void setUrl({ event })}
              onOlder={() => void list.fetchNextPage()}
            />
          )}
        </div>
      </section>
      {opened && (
        <div className={cn("min-w-0", !url.event && "max-lg:hidden")}>
          <Button
            size="sm"
            variant="ghost"
            className="mb-2 lg:hidden"
            onClick={() => void setUrl({ event: null })}
          >
            <ArrowLeft aria-hidden className="size-4" />
            All verdicts
          </Button>
          <OpenVerdict key={opened} nodeId={nodeId} eventHash={opened} />
        </div>
      )}
    </div>
  );
}

function OpenVerdict({ nodeId, eventHash }: { nodeId: string; eventHash: string }) {
  const { data, error, refetch } = useQuery(nodeVerdictOptions(nodeId, eventHash));
  if (data) return <VerdictDetailView nodeId={nodeId} detail={data} />;
  if (error)
    return (
      <ErrorPanel title="This verdict could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  return <SkeletonRows label="Loading the verdict" />;
}
