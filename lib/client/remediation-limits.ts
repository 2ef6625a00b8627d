/** Query options and calls of the limits of remediation. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type {
  LimitsRoom,
  LimitsSet,
  PreviewLimitsBody,
  RemediationLimitsView,
  SetLimitsBody,
} from "#lib/contracts/remediation-limits";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { remediationKeys } from "./remediations.ts";

const limitsKeys = {
  all: [...remediationKeys.all, "limits"] as const,
  preview: (body: PreviewLimitsBody) => [...limitsKeys.all, "preview", body] as const,
};

export const remediationLimitsOptions = () =>
  queryOptions({
    queryKey: limitsKeys.all,
    queryFn: ({ signal }) => getJson(paths.api.remediationLimits(), trust<RemediationLimitsView>(), signal),
  });

export const limitsPreviewOptions = (body: PreviewLimitsBody) =>
  queryOptions({
    queryKey: limitsKeys.preview(body),
    queryFn: () => sendJson(paths.api.remediationLimitsPreview(), body, trust<LimitsRoom>()),
    gcTime: 0,
    retry: false,
    placeholderData: keepPreviousData,
  });

export function setRemediationLimits(body: SetLimitsBody): Promise<LimitsSet> {
  return sendJson(paths.api.remediationLimits(), body, trust<LimitsSet>(), "PUT");
}
