/** Query options and calls of change requests: what needs a second person. */
import { queryOptions } from "@tanstack/react-query";
import type {
  CancelChangeBody,
  CHANGE_LISTS,
  ChangeList,
  ChangeView,
  DecideChangeBody,
  PlannedChange,
  PreviewChangeBody,
  ProposeChangeBody,
} from "#lib/contracts/change-request";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export type ChangeListName = (typeof CHANGE_LISTS)[number];

/** How often what waits for people is looked at again: somebody else may decide it. */
const LOOK_AGAIN_MS = 10_000;

export const changeKeys = {
  all: ["changes"] as const,
  list: (list: ChangeListName) => [...changeKeys.all, "list", list] as const,
  one: (id: string) => [...changeKeys.all, "one", id] as const,
  preview: (body: PreviewChangeBody) => [...changeKeys.all, "preview", body] as const,
};

export const firstChanges = { limit: 50 };

export const changeListOptions = (list: ChangeListName) =>
  queryOptions({
    queryKey: changeKeys.list(list),
    queryFn: ({ signal }) =>
      getJson(paths.api.changeRequests({ list, ...firstChanges }), trust<ChangeList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const changeOptions = (id: string) =>
  queryOptions({
    queryKey: changeKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.changeRequest(id), trust<ChangeView>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

/** Asks anew whenever the payload is another one; the answer is as of now, so it is never kept. */
export const changePreviewOptions = (body: PreviewChangeBody) =>
  queryOptions({
    queryKey: changeKeys.preview(body),
    queryFn: () => sendJson(paths.api.changeRequestPreview(), body, trust<PlannedChange>()),
    gcTime: 0,
    retry: false,
  });

export function proposeChange(body: ProposeChangeBody): Promise<ChangeView> {
  return sendJson(paths.api.changeRequests(), body, trust<ChangeView>());
}

export function decideChange(id: string, body: DecideChangeBody): Promise<ChangeView> {
  return sendJson(paths.api.changeRequestDecision(id), body, trust<ChangeView>());
}

export function cancelChange(id: string, body: CancelChangeBody): Promise<ChangeView> {
  return sendJson(paths.api.changeRequestCancel(id), body, trust<ChangeView>());
}
