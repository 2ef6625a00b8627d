/** Reading one node: its header, timeline, evidence and bootstrap events. Options, not hooks. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Comparison } from "#lib/contracts/compare";
import type { NodeDrift } from "#lib/contracts/drift";
import type { EventLogDifference, EventLogs } from "#lib/contracts/event-log";
import type { EvidencePage, NodeEventsPage, NodeView, Timeline, VerdictDetail } from "#lib/contracts/node";
import { getJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { type TimeTravel, timeParams } from "./time-travel.ts";
import { isoOf } from "./timeline-range.ts";
import type { Range } from "./timeline-scale.ts";

const DRIFT = "drift";

/** Key factory: invalidate `nodeDetailKeys.one(id)` after anything that changes a node. */
export const nodeDetailKeys = {
  all: ["node"] as const,
  one: (nodeId: string) => [...nodeDetailKeys.all, nodeId] as const,
  view: (nodeId: string) => [...nodeDetailKeys.one(nodeId), "view"] as const,
  timeline: (nodeId: string) => [...nodeDetailKeys.one(nodeId), "timeline"] as const,
  evidence: (nodeId: string) => [...nodeDetailKeys.one(nodeId), "evidence"] as const,
  events: (nodeId: string) => [...nodeDetailKeys.one(nodeId), "events"] as const,
  /** Not below `one`: a verdict never changes, so nothing that happens to the node makes it old. */
  verdict: (nodeId: string, eventHash: string) => ["node-verdict", nodeId, eventHash] as const,
};

export const nodeOptions = (nodeId: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.view(nodeId), time] as const,
    queryFn: ({ signal }) => getJson(paths.api.node(nodeId, timeParams(time)), trust<NodeView>(), signal),
  });

/**
 * @param range what to fetch; give it on the coarse grid of `fetchWindow`, else every move refetches
 * @param knownAt show what was believed at this instant; `null` = what is believed now
 */
export const nodeTimelineOptions = (nodeId: string, range: Range, knownAt: string | null) => {
  const query = { from: isoOf(range.fromMs), to: isoOf(range.toMs), ...(knownAt ? { knownAt } : {}) };
  return queryOptions({
    queryKey: [...nodeDetailKeys.timeline(nodeId), query] as const,
    queryFn: ({ signal }) => getJson(paths.api.nodeTimeline(nodeId, query), trust<Timeline>(), signal),
    placeholderData: keepPreviousData,
  });
};

/** @param before only verdicts observed at or before this instant; `null` = all */
export const nodeEvidenceOptions = (nodeId: string, before: string | null, time: TimeTravel) =>
  infiniteQueryOptions({
    queryKey: [...nodeDetailKeys.evidence(nodeId), { before }, time] as const,
    queryFn: ({ pageParam, signal }) =>
      getJson(
        paths.api.nodeEvidence(nodeId, {
          cursor: pageParam,
          before: before ?? undefined,
          ...timeParams(time),
        }),
        trust<EvidencePage>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const nodeVerdictOptions = (nodeId: string, eventHash: string) =>
  queryOptions({
    queryKey: nodeDetailKeys.verdict(nodeId, eventHash),
    queryFn: ({ signal }) =>
      getJson(paths.api.nodeVerdict(nodeId, eventHash), trust<VerdictDetail>(), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The logs in a verdict's evidence; like the verdict, they never change. A log that is broken stays so. */
export const nodeEventLogOptions = (nodeId: string, eventHash: string) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.verdict(nodeId, eventHash), "event-log"] as const,
    queryFn: ({ signal }) => getJson(paths.api.nodeEventLog(nodeId, eventHash), trust<EventLogs>(), signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** Against the verdict before; late evidence can put another one there, so it is asked for each time. */
export const nodeEventLogDifferenceOptions = (nodeId: string, eventHash: string) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.verdict(nodeId, eventHash), "event-log-difference"] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.nodeEventLog(nodeId, eventHash, "difference"), trust<EventLogDifference>(), signal),
    retry: false,
  });

export const nodeEventsOptions = (nodeId: string, time: TimeTravel) =>
  infiniteQueryOptions({
    queryKey: [...nodeDetailKeys.events(nodeId), time] as const,
    queryFn: ({ pageParam, signal }) =>
      getJson(
        paths.api.nodeEvents(nodeId, { cursor: pageParam, limit: 200, ...timeParams(time) }),
        trust<NodeEventsPage>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** The drift of whatever node: it moves more often than the status that a hint names nodes for. */
export const isNodeDrift = ([all, , part]: readonly unknown[]): boolean =>
  all === nodeDetailKeys.all[0] && part === DRIFT;

export const nodeDriftOptions = (nodeId: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.one(nodeId), DRIFT, time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.nodeDrift(nodeId, timeParams(time)), trust<NodeDrift>(), signal),
  });

/** What a comparison asks for; `null` sides take the default: last trusted, now. */
export type CompareRequest = { a: string | null; b: string | null; knownAt: string | null };

export function compareQuery({ a, b, knownAt }: CompareRequest): {
  a?: string;
  b?: string;
  knownAt?: string;
} {
  return {
    ...(a === null ? {} : { a }),
    ...(b === null ? {} : { b }),
    ...(knownAt === null ? {} : { knownAt }),
  };
}

export const nodeCompareOptions = (nodeId: string, request: CompareRequest) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.one(nodeId), "compare", request] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.nodeCompare(nodeId, compareQuery(request)), trust<Comparison>(), signal),
    placeholderData: keepPreviousData,
  });

/** A screen's address with some of its own parameters added; those without a value are left out. */
export function withParams(path: string, params: Readonly<Record<string, string | null>>): string {
  const [base = "", search = ""] = path.split("?");
  const all = new URLSearchParams(search);
  for (const [name, value] of Object.entries(params)) {
    if (value !== null) all.set(name, value);
  }
  return all.size > 0 ? `${base}?${all}` : base;
}
