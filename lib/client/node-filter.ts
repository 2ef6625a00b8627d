/** The filter of the node list as text and as choices. Pure. */
import type { NODE_SORTS } from "#lib/contracts/node";
import { parseNodeQuery } from "#lib/domain/node-query";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { TimeTravel } from "./time-travel.ts";

export type NodeSort = (typeof NODE_SORTS)[number];
export type NodeListFilter = { q: string; sort: NodeSort; time: TimeTravel };

/** The same list as the contract's; spelt here so that the schemas stay out of the browser. */
export const NODE_SORT_KEYS = [
  "name",
  "-name",
  "since",
  "-since",
  "status",
] as const satisfies readonly NodeSort[];
export const DEFAULT_NODE_SORT: NodeSort = "status";
/** Trusted nodes whose verifier checks less than before: what the overview counts apart. */
export const REDUCED_QUERY = "status:trusted coverage:reduced";

/** The statuses that a query narrows down to; none = all. */
export function statusesOf(q: string): readonly TrustStatus[] {
  const parsed = parseNodeQuery(q);
  return (parsed.ok && parsed.query.statuses) || [];
}

/** The query with its status filter replaced; an empty list takes the filter away. */
export function withStatuses(q: string, statuses: readonly TrustStatus[]): string {
  const rest = queryTokens(q).filter((token) => !/^status:/i.test(token));
  if (statuses.length > 0) rest.unshift(`status:${statuses.join(",")}`);
  return rest.join(" ");
}

/** The parts of a query as they were typed, in order; quoted text stays together. */
export function queryTokens(q: string): string[] {
  return q.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
}

/** The query without the part at a position of {@link queryTokens}. */
export function withoutToken(q: string, index: number): string {
  return queryTokens(q)
    .filter((_, position) => position !== index)
    .join(" ");
}
