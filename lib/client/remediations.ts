/** Query options and calls of remediation: requests, votes, executions, reviews and pauses. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RemediationAlarms } from "#lib/contracts/automatic";
import type { DrillBook } from "#lib/contracts/drill";
import type {
  ApproverGroups,
  BreakGlassBody,
  NarrowBody,
  OpenReviews,
  PauseBody,
  PauseList,
  PauseView,
  PreviewRemediationBody,
  RehearseRemediationBody,
  RemediationDetail,
  RemediationList,
  RemediationPreview,
  RequestRemediationBody,
  ReviewBody,
  VoteBody,
} from "#lib/contracts/remediation";
import { isOver } from "#lib/domain/remediation";
import type { RemediationTab } from "#lib/domain/remediation-plan";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { inScope } from "./scope.ts";

export const remediationKeys = {
  all: ["remediations"] as const,
  list: (tab: RemediationTab) => [...remediationKeys.all, "list", tab] as const,
  node: (nodeId: string) => [...remediationKeys.all, "node", nodeId] as const,
  alarms: (nodeId: string) => [...remediationKeys.all, "alarms", nodeId] as const,
  one: (id: string) => [...remediationKeys.all, "one", id] as const,
  preview: (body: PreviewRemediationBody) => [...remediationKeys.all, "preview", body] as const,
  reviews: () => [...remediationKeys.all, "reviews"] as const,
  pauses: () => [...remediationKeys.all, "pauses"] as const,
  drills: () => [...remediationKeys.all, "drills"] as const,
  groups: () => [...remediationKeys.all, "groups"] as const,
};

/** How often what waits for people is looked at again, and what is being done right now. */
const LOOK_AGAIN_MS = 10_000;
const WORKING_MS = 2_000;
/** Banners stand on every page, and a preview asks the targets themselves: both less often. */
const SELDOM_MS = 30_000;

export const firstRemediations = { limit: 50 };

/** All that ever ended stays in the list, so it is read page by page; what waits is looked at again. */
export const remediationListOptions = (tab: RemediationTab) =>
  infiniteQueryOptions({
    queryKey: remediationKeys.list(tab),
    queryFn: ({ signal, pageParam }) =>
      getJson(
        paths.api.remediations({ tab, cursor: pageParam, ...firstRemediations }),
        trust<RemediationList>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) => ((data?.pages.length ?? 1) > 1 ? false : LOOK_AGAIN_MS),
  });

/** What is going on with one node. */
export const nodeRemediationsOptions = (nodeId: string) =>
  queryOptions({
    queryKey: remediationKeys.node(nodeId),
    queryFn: ({ signal }) =>
      getJson(
        paths.api.remediations({ tab: "in_progress", nodeId, ...firstRemediations }),
        trust<RemediationList>(),
        signal,
      ),
    refetchInterval: LOOK_AGAIN_MS,
  });

/** What is wrong with what was done to one node. */
export const nodeRemediationAlarmsOptions = (nodeId: string) =>
  queryOptions({
    queryKey: remediationKeys.alarms(nodeId),
    queryFn: ({ signal }) =>
      getJson(paths.api.remediationAlarms({ nodeId }), trust<RemediationAlarms>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

const WORKING: readonly string[] = ["executing", "verifying", "aborting"];

export const remediationOptions = (id: string) =>
  queryOptions({
    queryKey: remediationKeys.one(id),
    queryFn: ({ signal }) => getJson(paths.api.remediation(id), trust<RemediationDetail>(), signal),
    refetchInterval: ({ state: { data } }) => {
      if (data && WORKING.includes(data.state)) return WORKING_MS;
      return data && isOver(data.state) ? false : LOOK_AGAIN_MS;
    },
  });

/** Asks anew whenever the question is another one; the answer is as of now, so it is never kept. */
export const remediationPreviewOptions = (body: PreviewRemediationBody) =>
  queryOptions({
    queryKey: remediationKeys.preview(body),
    queryFn: () => sendJson(paths.api.remediationNew("preview"), body, trust<RemediationPreview>()),
    gcTime: 0,
    retry: false,
    refetchInterval: SELDOM_MS,
    placeholderData: keepPreviousData,
  });

export const openReviewsOptions = () =>
  queryOptions({
    queryKey: remediationKeys.reviews(),
    queryFn: ({ signal }) => getJson(paths.api.remediationReviews(), trust<OpenReviews>(), signal),
    refetchInterval: SELDOM_MS,
  });

export const pauseListOptions = () =>
  queryOptions({
    queryKey: remediationKeys.pauses(),
    queryFn: ({ signal }) => getJson(paths.api.remediationPauses(), trust<PauseList>(), signal),
    refetchInterval: SELDOM_MS,
  });

export const approverGroupsOptions = () =>
  queryOptions({
    queryKey: remediationKeys.groups(),
    queryFn: ({ signal }) => getJson(paths.api.approverGroups(), trust<ApproverGroups>(), signal),
  });

const detail = trust<RemediationDetail>();

export function requestRemediation(body: RequestRemediationBody): Promise<RemediationDetail> {
  return sendJson(paths.api.remediations(), body, detail);
}

export const drillsOptions = () =>
  queryOptions({
    queryKey: remediationKeys.drills(),
    queryFn: ({ signal }) => getJson(paths.api.remediationDrills(), trust<DrillBook>(), signal),
    refetchInterval: SELDOM_MS,
  });

/** Every check and preview, and no effect. */
export function rehearseRemediation(body: RehearseRemediationBody): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationDrills(), body, detail);
}

export function breakGlass(body: BreakGlassBody): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationNew("break-glass"), body, detail);
}

export function vote(id: string, body: VoteBody): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationAct(id, "votes"), body, detail);
}

/** Takes nodes out and approves what is left; between the two nobody else's vote counts for the new plan. */
export async function approveSome(id: string, body: NarrowBody): Promise<RemediationDetail> {
  const { planHash } = await sendJson(paths.api.remediationAct(id, "narrow"), body, detail);
  return vote(id, { decision: "approve", planHash, reason: body.reason });
}

export function claimRemediation(id: string, claim: boolean): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationAct(id, "claim"), { claim }, detail);
}

export function delegateRemediation(
  id: string,
  body: { to: string; reason: string },
): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationAct(id, "delegate"), body, detail);
}

export function reviewRemediation(id: string, body: ReviewBody): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationAct(id, "review"), body, detail);
}

/** What only needs a reason. */
export function actOnRemediation(
  id: string,
  act: "cancel" | "abort" | "retry",
  reason: string,
): Promise<RemediationDetail> {
  return sendJson(paths.api.remediationAct(id, act), { reason }, detail);
}

export function pauseRemediation(body: PauseBody): Promise<PauseView> {
  return sendJson(inScope(paths.api.remediationPauses()), body, trust<PauseView>());
}

export function endPause(id: string, reason: string): Promise<PauseView> {
  return sendJson(paths.api.remediationPauseEnd(id), { reason }, trust<PauseView>());
}
