/** The list of nodes. */
import { nodeListFacets, nodeListPage } from "#db/queries/node-list";
import type { NodeListPage, NodeListQuery, NodeRow } from "#lib/contracts/node";
import { lossSentence } from "#lib/domain/coverage-loss";
import { type NodeQuery, parseNodeQuery } from "#lib/domain/node-query";
import { ProblemError } from "#lib/domain/problems";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, NodeKey } from "#lib/services/cursor";
import { statusCounts } from "#lib/services/fleet/summary";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

/**
 * One page of nodes with the counts of the whole query, all of the same instant.
 *
 * @throws {ProblemError} `request/invalid` for a query or cursor that cannot be read, or an instant of the future
 */
export async function nodeList(ctx: ServiceContext, q: NodeListQuery): Promise<NodeListPage> {
  const scope = readScope(ctx, "fleet:read");
  const query = queryOf(q.q);
  const after = q.cursor ? decodeCursor(NodeKey, q.cursor) : null;
  if (after && after.sort !== q.sort) decodeCursor(NodeKey, "");
  const { used, ...point } = timePoint(ctx, q);
  if (query.labels && point.asOf)
    throw refusedQuery("Labels keep no history: ask for them without an instant.");
  const args = { query, ...point };
  const [facetRows, page] = await ctx.db.transaction(
    async (tx) =>
      [
        await nodeListFacets(tx, scope, args),
        await nodeListPage(tx, scope, { ...args, sort: q.sort, after, limit: q.limit }),
      ] as const,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const wanted = facetRows.filter(({ status }) => query.statuses?.includes(status as TrustStatus) ?? true);
  return {
    ...used,
    items: page.items.map(
      ({ rank: _, lost, policiesBefore, policiesAfter, ...row }): NodeRow => ({
        ...row,
        reason: lost
          ? lossSentence({ lost, policiesBefore: policiesBefore ?? [], policiesAfter: policiesAfter ?? [] })
          : row.reason,
        reduced: lost !== null,
        status: row.status as TrustStatus,
        lifecycle: row.lifecycle as NodeRow["lifecycle"],
        since: iso(row.since),
        lastEvidenceAt: isoOrNull(row.lastEvidenceAt),
        createdAt: iso(row.createdAt),
      }),
    ),
    nextCursor: page.next ? encodeCursor({ sort: q.sort, ...page.next }) : null,
    total: wanted.reduce((total, { nodes }) => total + nodes, 0),
    facets: statusCounts(facetRows),
  };
}

function queryOf(text: string): NodeQuery {
  const parsed = parseNodeQuery(text);
  if (parsed.ok) return parsed.query;
  throw refusedQuery(parsed.detail);
}

const refusedQuery = (detail: string) =>
  new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/query/q", detail }] });
