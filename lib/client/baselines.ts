/** Query options and calls of baselines, and of the labels that their selectors read. */
import { queryOptions } from "@tanstack/react-query";
import type {
  BaselineDiff,
  BaselineList,
  BaselineView,
  CommonStates,
  CreateBaselineBody,
  DraftBody,
  LabelsView,
  MadeContent,
  MakeContentBody,
  VersionContent,
} from "#lib/contracts/baseline";
import type { NodeListPage } from "#lib/contracts/node";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const baselineKeys = {
  all: ["baselines"] as const,
  list: () => [...baselineKeys.all, "list"] as const,
  states: () => [...baselineKeys.all, "states"] as const,
  one: (id: string) => [...baselineKeys.all, "one", id] as const,
  version: (id: string, version: number) => [...baselineKeys.one(id), "version", version] as const,
  diff: (id: string, a: number, b: number) => [...baselineKeys.one(id), "diff", a, b] as const,
  content: (body: MakeContentBody) => [...baselineKeys.all, "content", body] as const,
};

export const baselineListOptions = () =>
  queryOptions({
    queryKey: baselineKeys.list(),
    queryFn: ({ signal }) => getJson(paths.api.baselines(), trust<BaselineList>(), signal),
  });

export const commonStatesOptions = () =>
  queryOptions({
    queryKey: baselineKeys.states(),
    queryFn: ({ signal }) => getJson(paths.api.commonStates(), trust<CommonStates>(), signal),
  });

export const baselineOptions = (id: string) =>
  queryOptions({
    queryKey: baselineKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.baseline(id), trust<BaselineView>(), signal),
  });

/** A version never changes, so what was read once stays right. */
export const versionOptions = (id: string, version: number) =>
  queryOptions({
    queryKey: baselineKeys.version(id, version),
    queryFn: ({ signal }) => getJson(paths.api.baselineVersion(id, version), trust<VersionContent>(), signal),
  });

export const baselineDiffOptions = (id: string, a: number, b: number) =>
  queryOptions({
    queryKey: baselineKeys.diff(id, a, b),
    queryFn: ({ signal }) => getJson(paths.api.baselineDiff(id, { a, b }), trust<BaselineDiff>(), signal),
  });

/** What a content would be; as of now, so it is never kept. */
export const contentOptions = (body: MakeContentBody) =>
  queryOptions({
    queryKey: baselineKeys.content(body),
    queryFn: () => sendJson(paths.api.baselineContent(), body, trust<MadeContent>()),
    gcTime: 0,
    retry: false,
  });

/** The first nodes whose name or identity has the text. */
export const nodeSearchOptions = (q: string) =>
  queryOptions({
    queryKey: ["nodes", "search", q] as const,
    queryFn: ({ signal }) => {
      const quoted = `"${q.replaceAll('"', "")}"`;
      return getJson(paths.api.nodes({ q: quoted, sort: "name", limit: 20 }), trust<NodeListPage>(), signal);
    },
  });

export function createBaseline(body: CreateBaselineBody): Promise<{ id: string; version: number }> {
  return sendJson(paths.api.baselines(), body, trust<{ id: string; version: number }>());
}

export function draftVersion(id: string, body: DraftBody): Promise<{ version: number }> {
  return sendJson(paths.api.baselineVersions(id), body, trust<{ version: number }>());
}

export function discardDraft(id: string, version: number): Promise<unknown> {
  return sendJson(paths.api.baselineDiscard(id, version), {}, trust<unknown>());
}

export function patchLabels(nodeId: string, labels: Record<string, string | null>): Promise<LabelsView> {
  return sendJson(paths.api.nodeLabels(nodeId), { labels }, trust<LabelsView>(), "PATCH");
}
