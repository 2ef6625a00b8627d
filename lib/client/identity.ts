/** Query options of identity alarms, the enrolment queue, and links of unattributed events. */
import { queryOptions } from "@tanstack/react-query";
import type { ChangeView } from "#lib/contracts/change-request";
import type { EnrolmentDecided, EnrolmentQueue, SourceEnrolmentBody } from "#lib/contracts/enrolment";
import type { EventsLinked, LinkEventsBody, UnattributedOverview } from "#lib/contracts/event-link";
import type { IdentityAlarmList } from "#lib/contracts/identity";
import { getJson, sendJson, trust } from "./api.ts";
import { fleetKeys } from "./fleet.ts";
import { nodeDetailKeys } from "./node.ts";
import { paths } from "./paths.ts";
import { eventKeys } from "./sources.ts";
import { recordedParams, type TimeTravel, timeParams } from "./time-travel.ts";

/** Below the fleet's key: whatever changes a node may change who waits. */
const queueKeys = {
  all: [...fleetKeys.all, "queue"] as const,
};

export const enrolmentQueueOptions = () =>
  queryOptions({
    queryKey: [...queueKeys.all, "enrolments"] as const,
    queryFn: ({ signal }) => getJson(paths.api.enrolments(), trust<EnrolmentQueue>(), signal),
  });

export const openAlarmsOptions = (time: TimeTravel) =>
  queryOptions({
    queryKey: [...queueKeys.all, "alarms", recordedParams(time)] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.identityAlarms(recordedParams(time)), trust<IdentityAlarmList>(), signal),
  });

export const nodeAlarmsOptions = (nodeId: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.one(nodeId), "alarms", recordedParams(time)] as const,
    queryFn: ({ signal }) =>
      getJson(
        paths.api.identityAlarms({ nodeId, ...recordedParams(time) }),
        trust<IdentityAlarmList>(),
        signal,
      ),
  });

export const unattributedGroupsOptions = (time: TimeTravel) =>
  queryOptions({
    queryKey: [...eventKeys.all, "groups", time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.unattributedGroups(timeParams(time)), trust<UnattributedOverview>(), signal),
  });

export function settleAlarm(alarmId: string, reason: string): Promise<object> {
  return sendJson(paths.api.identityAlarmSettle(alarmId), { reason }, trust<object>());
}

export function decideEnrolment(
  nodeId: string,
  decision: "accepted" | "denied" | "paused",
  reason: string,
): Promise<EnrolmentDecided> {
  return decision === "paused"
    ? sendJson(paths.api.enrolmentPause(nodeId), { reason }, trust<EnrolmentDecided>())
    : sendJson(paths.api.enrolmentDecision(nodeId), { decision, reason }, trust<EnrolmentDecided>());
}

export function withdrawExpected(id: string, reason: string): Promise<object> {
  return sendJson(paths.api.expectedNodeWithdraw(id), { reason }, trust<object>());
}

export function setSourceEnrolment(
  sourceId: string,
  body: SourceEnrolmentBody,
): Promise<SourceEnrolmentBody> {
  return sendJson(paths.api.sourceEnrolment(sourceId), body, trust<SourceEnrolmentBody>());
}

export function linkEvents(body: LinkEventsBody): Promise<EventsLinked> {
  return sendJson(paths.api.eventLinks(), body, trust<EventsLinked>());
}

export function undoEventLink(linkId: string, reason: string): Promise<EventsLinked> {
  return sendJson(paths.api.eventLinkUndo(linkId), { reason }, trust<EventsLinked>());
}

/** Ask for another anchor; a second person has to approve it. */
export function proposeRebind(
  payload: { nodeId: string; kind: string; value: string },
  reason: string,
): Promise<ChangeView> {
  return sendJson(paths.api.changeRequests(), { kind: "node.rebind", payload, reason }, trust<ChangeView>());
}
