/** A node's verdicts, newest first. */
import { verdictListByNode } from "#db/queries/verdict";
import type { EvidencePage, EvidenceQuery } from "#lib/contracts/node";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeHashKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { visibleNode } from "./find.ts";
import { verdictView } from "./verdict-view.ts";

/** @throws {ProblemError} `node/not-found`; `request/invalid` for a foreign cursor */
export async function nodeEvidence(
  ctx: ServiceContext,
  query: EvidenceQuery & { nodeId: string },
): Promise<EvidencePage> {
  const scope = readScope(ctx, "evidence:read");
  await visibleNode(ctx, scope, query.nodeId);
  const { used, ...point } = timePoint(ctx, query);
  const page = await verdictListByNode(ctx.db, scope, {
    ...point,
    nodeId: query.nodeId,
    before: query.before ? new Date(query.before) : null,
    after: query.cursor ? decodeCursor(TimeHashKey, query.cursor) : null,
    limit: query.limit,
  });
  return {
    ...used,
    items: page.items.map(verdictView),
    nextCursor: page.next ? encodeCursor(page.next) : null,
  };
}
