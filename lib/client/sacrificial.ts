/** Marks of nodes on which recipes may be drilled for real. */
import { queryOptions, useQueries } from "@tanstack/react-query";
import type { EndMarkBody, MarkSacrificialBody, SacrificialView } from "#lib/contracts/sacrificial";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { remediationKeys } from "./remediations.ts";

const view = trust<SacrificialView>();
/** Nodes of one request for which marks are asked; a drill of more is asked for through the API. */
const ASKED_MAX = 10;

export const sacrificialOptions = (nodeId: string) =>
  queryOptions({
    queryKey: [...remediationKeys.all, "sacrificial", nodeId] as const,
    queryFn: ({ signal }) => getJson(paths.api.nodeSacrificial(nodeId), view, signal),
  });

/** Whether all of some nodes are marked. */
export function useDrillable(nodes: readonly { id: string }[]): boolean {
  const asked = nodes.length <= ASKED_MAX ? nodes : [];
  const answers = useQueries({ queries: asked.map(({ id }) => sacrificialOptions(id)) });
  return answers.length > 0 && answers.every(({ data }) => data !== undefined && data.mark !== null);
}

export function markSacrificial(nodeId: string, body: MarkSacrificialBody): Promise<SacrificialView> {
  return sendJson(paths.api.nodeSacrificial(nodeId), body, view, "PUT");
}

export function endSacrificial(nodeId: string, body: EndMarkBody): Promise<SacrificialView> {
  return sendJson(paths.api.nodeSacrificialEnd(nodeId), body, view);
}
