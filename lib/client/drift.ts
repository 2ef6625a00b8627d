/** Query options and calls of the drift inbox, exceptions and incidents. */
import { queryOptions } from "@tanstack/react-query";
import type {
  DecideDriftBody,
  DriftDecided,
  DriftGroupView,
  DriftList,
  IgnoreDriftBody,
  RemediateDriftBody,
} from "#lib/contracts/drift-group";
import type { EXCEPTION_LISTS, ExceptionEnded, ExceptionList } from "#lib/contracts/exception";
import type { INCIDENT_STATES, IncidentHandled, IncidentList, IncidentView } from "#lib/contracts/incident";
import type { RemediationDetail } from "#lib/contracts/remediation";
import type { DriftSort, DriftTab } from "#lib/domain/drift-query";
import { getJson, sendJson, trust } from "./api.ts";
import { fleetKeys } from "./fleet.ts";
import { paths } from "./paths.ts";

export type DriftView = { tab: DriftTab; q: string; sort: DriftSort };
export type ExceptionListName = (typeof EXCEPTION_LISTS)[number];
export type IncidentListName = (typeof INCIDENT_STATES)[number];

/** Below the fleet's key: whatever moves a node may move its drift. */
export const driftKeys = {
  all: [...fleetKeys.all, "drift"] as const,
  list: (view: DriftView) => [...driftKeys.all, "list", view] as const,
  one: (id: string) => [...driftKeys.all, "one", id] as const,
  exceptions: (list: ExceptionListName) => [...driftKeys.all, "exceptions", list] as const,
  incidents: (state: IncidentListName) => [...driftKeys.all, "incidents", state] as const,
  incident: (id: string) => [...driftKeys.all, "incident", id] as const,
};

export const DRIFT_PAGE = 200;

export const driftListOptions = (view: DriftView) =>
  queryOptions({
    queryKey: driftKeys.list(view),
    queryFn: ({ signal }) =>
      getJson(paths.api.drift({ ...view, limit: DRIFT_PAGE }), trust<DriftList>(), signal),
  });

export const driftGroupOptions = (id: string) =>
  queryOptions({
    queryKey: driftKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.driftGroup(id), trust<DriftGroupView>(), signal),
  });

export const exceptionListOptions = (list: ExceptionListName) =>
  queryOptions({
    queryKey: driftKeys.exceptions(list),
    queryFn: ({ signal }) => getJson(paths.api.exceptions({ list }), trust<ExceptionList>(), signal),
  });

export const incidentListOptions = (state: IncidentListName) =>
  queryOptions({
    queryKey: driftKeys.incidents(state),
    queryFn: ({ signal }) => getJson(paths.api.incidents({ state }), trust<IncidentList>(), signal),
  });

export const incidentOptions = (id: string) =>
  queryOptions({
    queryKey: driftKeys.incident(id),
    queryFn: ({ signal }) => getJson(paths.api.incident(id), trust<IncidentView>(), signal),
  });

export function decideDrift(body: DecideDriftBody): Promise<DriftDecided> {
  return sendJson(paths.api.driftDecision(), body, trust<DriftDecided>());
}

/** Ask for something to be done to the nodes that show a change. */
export function remediateDrift(id: string, body: RemediateDriftBody): Promise<RemediationDetail> {
  return sendJson(paths.api.driftRemediation(id), body, trust<RemediationDetail>());
}

export function ignoreDrift(body: IgnoreDriftBody): Promise<DriftDecided> {
  return sendJson(paths.api.exceptions(), body, trust<DriftDecided>());
}

export function endException(id: string, reason: string): Promise<ExceptionEnded> {
  return sendJson(paths.api.exceptionEnd(id), { reason }, trust<ExceptionEnded>());
}

/** One step on an incident. */
export function handleIncident(
  id: string,
  step:
    | { act: "owner"; body: { owner: string | null } }
    | { act: "notes"; body: { text: string } }
    | { act: "resolve"; body: { review: string } },
): Promise<IncidentHandled> {
  return sendJson(paths.api.incidentAct(id, step.act), step.body, trust<IncidentHandled>());
}
