/** Query options of the life cycle: one node's, and the board of everybody on the way to trust. */
import { queryOptions } from "@tanstack/react-query";
import type { LifecycleView, OnboardingBoard, RetryBody, RetryResult } from "#lib/contracts/lifecycle";
import { getJson, sendJson, trust } from "./api.ts";
import { fleetKeys } from "./fleet.ts";
import { nodeDetailKeys } from "./node.ts";
import { paths } from "./paths.ts";
import { type TimeTravel, timeParams } from "./time-travel.ts";

/** Below the node's own key, so that whatever refreshes the node refreshes its life. */
export const lifecycleOptions = (nodeId: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.one(nodeId), "lifecycle", time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.nodeLifecycle(nodeId, timeParams(time)), trust<LifecycleView>(), signal),
  });

/** Below the fleet's key: change hints of the fleet refresh it. */
export const onboardingOptions = (time: TimeTravel) =>
  queryOptions({
    queryKey: [...fleetKeys.all, "onboarding", time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.onboarding(timeParams(time)), trust<OnboardingBoard>(), signal),
  });

export function retryNode(nodeId: string, step: RetryBody["step"]): Promise<RetryResult> {
  return sendJson(paths.api.nodeRetry(nodeId), { step }, trust<RetryResult>());
}
