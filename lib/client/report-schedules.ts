/** Query options and calls of schedules of reports. */
import { queryOptions } from "@tanstack/react-query";
import type {
  ChangeReportScheduleBody,
  CreateReportScheduleBody,
  ReportNoticeList,
  ReportScheduleChanged,
  ReportScheduleList,
  ReportScheduleRan,
} from "#lib/contracts/report-schedule";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { inScope } from "./scope.ts";

export const reportScheduleKeys = {
  all: ["report-schedules"] as const,
  list: () => [...reportScheduleKeys.all, "list"] as const,
  notices: () => [...reportScheduleKeys.all, "notices"] as const,
};

/** How often it is looked whether the worker made or told something. */
const LOOK_AGAIN_MS = 10_000;

export const reportSchedulesOptions = () =>
  queryOptions({
    queryKey: reportScheduleKeys.list(),
    queryFn: ({ signal }) => getJson(paths.api.reportSchedules(), trust<ReportScheduleList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const reportNoticesOptions = () =>
  queryOptions({
    queryKey: reportScheduleKeys.notices(),
    queryFn: ({ signal }) => getJson(paths.api.reportNotices(), trust<ReportNoticeList>(), signal),
  });

const { reportSchedule } = paths.api;

/** About the trust domain that was chosen, and those below it. */
export const createReportSchedule = (body: CreateReportScheduleBody) =>
  sendJson(inScope(paths.api.reportSchedules()), body, trust<ReportScheduleChanged>());
export const changeReportSchedule = (id: string, body: ChangeReportScheduleBody) =>
  sendJson(reportSchedule(id), body, trust<ReportScheduleChanged>(), "PUT");
export const removeReportSchedule = (id: string) =>
  sendJson(reportSchedule(id), {}, trust<ReportScheduleChanged>(), "DELETE");
export const pauseReportSchedule = (id: string, paused: boolean) =>
  sendJson(reportSchedule(id, "pause"), { paused }, trust<ReportScheduleChanged>());
export const runReportSchedule = (id: string) =>
  sendJson(reportSchedule(id, "run"), {}, trust<ReportScheduleRan>());
