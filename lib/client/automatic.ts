/** Query options and calls of containment without a person. */
import { queryOptions } from "@tanstack/react-query";
import type { AutomaticBody, AutomaticReport, AutomaticSettingView } from "#lib/contracts/automatic";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { remediationKeys } from "./remediations.ts";
import { inScope } from "./scope.ts";

const LOOK_AGAIN_MS = 15_000;

const automaticKeys = { all: [...remediationKeys.all, "automatic"] as const };

export const automaticOptions = () =>
  queryOptions({
    queryKey: automaticKeys.all,
    queryFn: ({ signal }) => getJson(paths.api.remediationAutomatic(), trust<AutomaticReport>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export function setAutomatic(body: AutomaticBody): Promise<AutomaticSettingView> {
  return sendJson(inScope(paths.api.remediationAutomatic()), body, trust<AutomaticSettingView>(), "PUT");
}
