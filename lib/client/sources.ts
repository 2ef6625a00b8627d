/** Query options of sources, what they sent that was refused, and events of no known node. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { NodeEventsPage } from "#lib/contracts/node";
import type {
  ActivateKeyBody,
  ApiKeyView,
  CreateApiKeyBody,
  CreatedApiKey,
  CreateSourceBody,
  FindingList,
  PrepareKeysBody,
  RejectedPage,
  RetireKeyBody,
  SetSilenceLimitBody,
  SilenceLimitView,
  SourceDisabled,
  SourceKeyList,
  SourceKeyView,
  SourceList,
  SourceView,
} from "#lib/contracts/source";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { recordedParams, type TimeTravel, timeParams } from "./time-travel.ts";

const PAGE_SIZE = 50;

/** Key factory: invalidate `sourceKeys.all` after a source, a key or a refused event was added. */
export const sourceKeys = {
  all: ["sources"] as const,
  list: () => [...sourceKeys.all, "list"] as const,
  findings: (id: string) => [...sourceKeys.all, "findings", id] as const,
  rejected: (id: string) => [...sourceKeys.all, "rejected", id] as const,
};

export const eventKeys = {
  all: ["events"] as const,
  unattributed: () => [...eventKeys.all, "unattributed"] as const,
};

export const firstPage = { limit: PAGE_SIZE };

export const sourceListOptions = (time: TimeTravel) =>
  queryOptions({
    queryKey: [...sourceKeys.list(), recordedParams(time)] as const,
    queryFn: ({ signal }) => getJson(paths.api.sources(recordedParams(time)), trust<SourceList>(), signal),
  });

export const sourceFindingsOptions = (id: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...sourceKeys.findings(id), time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.sourceFindings(id, timeParams(time)), trust<FindingList>(), signal),
  });

export const sourceRejectedOptions = (id: string, time: TimeTravel) =>
  infiniteQueryOptions({
    queryKey: [...sourceKeys.rejected(id), recordedParams(time)] as const,
    queryFn: ({ pageParam, signal }) =>
      getJson(
        paths.api.sourceRejected(id, { ...firstPage, ...recordedParams(time), cursor: pageParam }),
        trust<RejectedPage>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const unattributedOptions = (time: TimeTravel) =>
  infiniteQueryOptions({
    queryKey: [...eventKeys.unattributed(), time] as const,
    queryFn: ({ pageParam, signal }) =>
      getJson(
        paths.api.unattributedEvents({ ...firstPage, ...timeParams(time), cursor: pageParam }),
        trust<NodeEventsPage>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export function createSource(body: CreateSourceBody): Promise<SourceView> {
  return sendJson(paths.api.sources(), body, trust<SourceView>());
}

export function createApiKey(sourceId: string, body: CreateApiKeyBody): Promise<CreatedApiKey> {
  return sendJson(paths.api.sourceApiKeys(sourceId), body, trust<CreatedApiKey>());
}

export function revokeApiKey(sourceId: string, apiKeyId: string): Promise<ApiKeyView> {
  return sendJson(paths.api.sourceApiKey(sourceId, apiKeyId), {}, trust<ApiKeyView>(), "DELETE");
}

export function setSilenceLimit(sourceId: string, body: SetSilenceLimitBody): Promise<SilenceLimitView> {
  return sendJson(paths.api.sourceLimit(sourceId), body, trust<SilenceLimitView>(), "PUT");
}

export function prepareKeys(sourceId: string, body: PrepareKeysBody): Promise<SourceKeyList> {
  return sendJson(paths.api.sourceSigningKeys(sourceId), body, trust<SourceKeyList>());
}

export function activateKey(sourceId: string, body: ActivateKeyBody): Promise<SourceKeyView> {
  return sendJson(paths.api.sourceSigningKeys(sourceId, "activate"), body, trust<SourceKeyView>());
}

export function retireKey(sourceId: string, body: RetireKeyBody): Promise<SourceKeyView> {
  return sendJson(paths.api.sourceSigningKeys(sourceId, "retire"), body, trust<SourceKeyView>());
}

export function disableSource(sourceId: string): Promise<SourceDisabled> {
  return sendJson(paths.api.sourceDisable(sourceId), {}, trust<SourceDisabled>());
}
