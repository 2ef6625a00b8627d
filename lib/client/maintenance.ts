/** Query options and calls of maintenance windows and drift settings. */
import { queryOptions } from "@tanstack/react-query";
import type {
  DriftSettingsPreview,
  DriftSettingsSet,
  DriftSettingsView,
  PreviewDriftSettingsBody,
  SetDriftSettingsBody,
} from "#lib/contracts/drift-setting";
import type {
  PlanWindowBody,
  PreviewWindowBody,
  WindowDetail,
  WindowEnded,
  WindowList,
  WindowPlanned,
  WindowPreview,
} from "#lib/contracts/maintenance-window";
import type { WindowState } from "#lib/domain/maintenance";
import { getJson, sendJson, trust } from "./api.ts";
import { driftKeys } from "./drift.ts";
import { paths } from "./paths.ts";
import { inScope } from "./scope.ts";

const windowKeys = {
  all: [...driftKeys.all, "windows"] as const,
  list: (state: WindowState | "all") => [...windowKeys.all, "list", state] as const,
  one: (id: string) => [...windowKeys.all, "one", id] as const,
  preview: (body: PreviewWindowBody) => [...windowKeys.all, "preview", body] as const,
  settings: () => [...driftKeys.all, "settings"] as const,
};

/** Longest time until the list is looked at again; a tab that sleeps may miss the instant itself. */
const LOOK_AGAIN_MS = 60_000;

/** Looked at again when the next window begins or ends: nothing else may happen at that instant. */
export const windowListOptions = (state: WindowState | "all") =>
  queryOptions({
    queryKey: windowKeys.list(state),
    queryFn: ({ signal }) => getJson(paths.api.maintenanceWindows({ state }), trust<WindowList>(), signal),
    refetchInterval: ({ state: { data } }) => untilNext(data?.nextChangeAt ?? null, Date.now()),
  });

/** How long to wait until a list may be another one; `false` = nothing is planned. */
function untilNext(nextChangeAt: string | null, nowMs: number): number | false {
  if (nextChangeAt === null) return false;
  const waitMs = Date.parse(nextChangeAt) - nowMs;
  return Math.min(LOOK_AGAIN_MS, Math.max(1_000, waitMs + 250));
}

export const windowOptions = (id: string) =>
  queryOptions({
    queryKey: windowKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.maintenanceWindow(id), trust<WindowDetail>(), signal),
  });

export const windowPreviewOptions = (body: PreviewWindowBody) =>
  queryOptions({
    queryKey: windowKeys.preview(body),
    queryFn: () => sendJson(inScope(paths.api.maintenanceWindowPreview()), body, trust<WindowPreview>()),
    retry: false,
  });

/** In the trust domain that was chosen, like all that is made or set here. */
export function planWindow(body: PlanWindowBody): Promise<WindowPlanned> {
  return sendJson(inScope(paths.api.maintenanceWindows()), body, trust<WindowPlanned>());
}

export function endWindow(id: string, reason: string): Promise<WindowEnded> {
  return sendJson(paths.api.maintenanceWindowEnd(id), { reason }, trust<WindowEnded>());
}

export const driftSettingsOptions = () =>
  queryOptions({
    queryKey: windowKeys.settings(),
    queryFn: ({ signal }) => getJson(paths.api.driftSettings(), trust<DriftSettingsView>(), signal),
  });

export function setDriftSettings(body: SetDriftSettingsBody): Promise<DriftSettingsSet> {
  return sendJson(inScope(paths.api.driftSettings()), body, trust<DriftSettingsSet>(), "PUT");
}

export function previewDriftSettings(body: PreviewDriftSettingsBody): Promise<DriftSettingsPreview> {
  return sendJson(inScope(paths.api.driftSettings("preview")), body, trust<DriftSettingsPreview>());
}
