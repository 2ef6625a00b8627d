"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { formatCount, formatPlural } from "#lib/client/format";
import { nodeListOptions } from "#lib/client/nodes";
import { shownInstant } from "#lib/client/time-travel";
import { parseNodeQuery } from "#lib/domain/node-query";
import { Button } from "../ui/button.tsx";
import { FrozenClock } from "../ui/clock.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ChangesPill } from "./changes-pill.tsx";
import { FacetRail } from "./facet-rail.tsx";
import { NoMatch } from "./no-match.tsx";
import { useNodeFilter } from "./node-filter.tsx";
import { NodeTable } from "./node-table.tsx";
import { QueryBar, QueryTokens } from "./query-bar.tsx";
import { useNodeSelection } from "./selection.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { NotRefreshed } from "./tile.tsx";

/** Which nodes match, and what is wrong with them. */
export function NodeList() {
  const { filter, typeQuery, chooseQuery, chooseSort } = useNodeFilter();
  const shown = shownInstant(filter.time);
  const queryClient = useQueryClient();
  const options = nodeListOptions(filter);
  const readable = parseNodeQuery(filter.q).ok;
  const list = useInfiniteQuery({ ...options, enabled: readable });
  const selection = useNodeSelection();
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;

  const first = list.data?.pages[0];
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];

  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  /** Only the first page is read again: the others' cursors belong to the old order. */
  function refresh() {
    queryClient.setQueryData(
      options.queryKey,
      (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    );
    window.scrollTo({ top: 0 });
    void list.refetch();
  }

  return (
    <>
      <PageHeader
        title="Nodes"
        meta={
          first && (
            <>
              {formatPlural(first.total, "node")}
              {filter.q !== "" && " match"}
              <span className="max-sm:hidden">
                {" "}
                · as of <Timestamp iso={first.asOf} absolute className="text-small" />
              </span>
            </>
          )
        }
        actions={shown === null && <ChangesPill key={JSON.stringify(filter)} onRefresh={refresh} />}
      />
      <div className="flex flex-col gap-x-4 gap-y-2 lg:flex-row lg:items-start">
        <div className="lg:sticky lg:top-12 lg:order-first lg:w-[168px] lg:shrink-0 lg:pt-1">
          <FacetRail q={filter.q} facets={first?.facets} onChange={chooseQuery} />
          {filter.q.includes(":") && (
            <div className="px-2 pt-3 max-lg:hidden">
              <h2 className="label pb-1">Filter</h2>
              <QueryTokens q={filter.q} onChange={chooseQuery} />
            </div>
          )}
        </div>
        <div className="min-w-0 flex-1">
          <QueryBar q={filter.q} onType={typeQuery} onClear={() => chooseQuery("")} />
          <ProgressBar active={list.isFetching && !isFetchingNextPage} className="mt-1.5" />
          {readable && list.isPending && !list.isError && <SkeletonRows rows={16} label="Loading nodes" />}
          {!readable && (
            <EmptyState
              title="The filter cannot be read"
              action={<Button onClick={() => chooseQuery("")}>Clear the filter</Button>}
            />
          )}
          {list.isError && first === undefined && (
            <ErrorPanel
              title="The nodes could not be loaded"
              error={list.error}
              onRetry={() => void list.refetch()}
            />
          )}
          {list.isRefetchError && first && (
            <NotRefreshed error={list.error} onRetry={() => void list.refetch()} />
          )}
          {first && first.total === 0 && <NoMatch q={filter.q} time={filter.time} onChange={chooseQuery} />}
          {first && rows.length > 0 && (
            <>
              <FrozenClock atMs={shown === null ? null : Date.parse(shown)}>
                <NodeTable
                  rows={rows}
                  total={first.total}
                  sort={filter.sort}
                  onSort={chooseSort}
                  onNearEnd={loadMore}
                  dimmed={list.isPlaceholderData}
                  selection={shown === null ? selection : null}
                />
              </FrozenClock>
              <div className="flex flex-wrap items-center gap-3 py-3 text-small text-muted">
                <span role="status">
                  {formatCount(rows.length)} of {formatCount(first.total)} loaded
                </span>
                {hasNextPage && (
                  <Button size="sm" onClick={() => void fetchNextPage()} pending={isFetchingNextPage}>
                    {isFetchingNextPage ? "Loading…" : "Load more"}
                  </Button>
                )}
                {isFetchNextPageError && <span className="text-danger">More rows could not be loaded.</span>}
              </div>
            </>
          )}
          {shown === null && <SelectionBar selection={selection} />}
        </div>
      </div>
    </>
  );
}
