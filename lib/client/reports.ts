/** Query options and calls of compliance reports. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { CheckPackBody, PackCheckView } from "#lib/contracts/pack-check";
import type {
  AskReportInput,
  ReportAsked,
  ReportCancelled,
  ReportComparison,
  ReportDetail,
  ReportList,
} from "#lib/contracts/report";
import { isUnderWay } from "#lib/domain/report/report";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { inScope } from "./scope.ts";

export const reportKeys = {
  all: ["reports"] as const,
  list: () => [...reportKeys.all, "list"] as const,
  one: (id: string) => [...reportKeys.all, "one", id] as const,
  comparison: (id: string, other: string) => [...reportKeys.all, "comparison", id, other] as const,
};

/** How often a report that is under way is looked at again. */
const LOOK_AGAIN_MS = 2_000;

export const reportListOptions = () =>
  infiniteQueryOptions({
    queryKey: reportKeys.list(),
    queryFn: ({ signal, pageParam }) =>
      getJson(paths.api.reports({ cursor: pageParam }), trust<ReportList>(), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((item) => isUnderWay(item.state)))
        ? LOOK_AGAIN_MS
        : false,
  });

export const reportOptions = (id: string) =>
  queryOptions({
    queryKey: reportKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.report(id), trust<ReportDetail>(), signal),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data.state) ? LOOK_AGAIN_MS : false),
  });

export const reportComparisonOptions = (id: string, other: string) =>
  queryOptions({
    queryKey: reportKeys.comparison(id, other),
    queryFn: ({ signal }) =>
      getJson(paths.api.reportComparison(id, other), trust<ReportComparison>(), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** About the trust domain that was chosen, and those below it. */
export const askReport = (body: AskReportInput) =>
  sendJson(inScope(paths.api.reports()), body, trust<ReportAsked>());
export const cancelReport = (id: string) =>
  sendJson(paths.api.report(id, "cancel"), {}, trust<ReportCancelled>());
export const checkPack = (body: CheckPackBody) =>
  sendJson(paths.api.checkPack(), body, trust<PackCheckView>());
