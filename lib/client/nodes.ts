/** Query options of the node list. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { NodeListPage } from "#lib/contracts/node";
import { getJson, trust } from "./api.ts";
import type { NodeListFilter } from "./node-filter.ts";
import { paths } from "./paths.ts";
import { type TimeTravel, timeParams } from "./time-travel.ts";

const PAGE_SIZE = 100;

/** Key factory: the list is refreshed when its reader asks, so that rows never move under the pointer. */
const nodeKeys = {
  all: ["nodes"] as const,
  list: (filter: NodeListFilter) => [...nodeKeys.all, "list", filter] as const,
  jump: (text: string, time: TimeTravel) => [...nodeKeys.all, "jump", text, time] as const,
};

/** What the first page of a list asks for; the server's prefetch must ask for the same. */
export function nodeListQuery({ q, sort, time }: NodeListFilter) {
  return { q, sort, limit: PAGE_SIZE, ...timeParams(time) };
}

export const nodeListOptions = (filter: NodeListFilter) =>
  infiniteQueryOptions({
    queryKey: nodeKeys.list(filter),
    queryFn: ({ pageParam, signal }) =>
      getJson(
        paths.api.nodes({ ...nodeListQuery(filter), cursor: pageParam }),
        trust<NodeListPage>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });

/** The few nodes that a typed name or identity leads to. */
export const nodeJumpOptions = (text: string, time: TimeTravel) =>
  queryOptions({
    queryKey: nodeKeys.jump(text, time),
    queryFn: ({ signal }) =>
      getJson(
        paths.api.nodes({ q: text, sort: "name", limit: 8, ...timeParams(time) }),
        trust<NodeListPage>(),
        signal,
      ),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });

/** Only how many nodes match. */
export const nodeTotalOptions = (q: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...nodeKeys.all, "total", q, time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.nodes({ q, limit: 1, ...timeParams(time) }), trust<NodeListPage>(), signal),
    select: (page) => page.total,
  });
