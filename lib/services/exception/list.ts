/** Exceptions: what holds, what nobody needed, what is over. */
import { exceptionCounts, exceptionList, type ListedException } from "#db/queries/drift-exception";
import type { ExceptionList, ExceptionListQuery, ExceptionView } from "#lib/contracts/exception";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";

const LIMIT = 500;
/** An exception that matched nothing for this long is not needed. */
const UNUSED_MS = 7 * 86_400_000;

export async function exceptions(ctx: ServiceContext, { list }: ExceptionListQuery): Promise<ExceptionList> {
  const scope = readScope(ctx, "drift:read");
  const now = ctx.now();
  const unusedSince = new Date(now.getTime() - UNUSED_MS);
  const rows = await exceptionList(ctx.db, scope, { filter: list, now, unusedSince, limit: LIMIT });
  return {
    items: rows.map((row) => exceptionView(row, now, unusedSince)),
    counts: await exceptionCounts(ctx.db, scope, now, unusedSince),
  };
}

function exceptionView(row: ListedException, now: Date, unusedSince: Date): ExceptionView {
  const { id, pattern, selector, reason, baselineId, baselineName, matches } = row;
  const state = row.endedAt ? "ended" : row.expiresAt <= now ? "expired" : "live";
  return {
    id,
    pattern,
    baseline: baselineId === null ? null : { id: baselineId, name: baselineName ?? "" },
    selector,
    reason,
    state,
    unused: state === "live" && matches === 0 && row.createdAt <= unusedSince,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdByEmail,
    expiresAt: row.expiresAt.toISOString(),
    ended: row.endedAt && { at: row.endedAt.toISOString(), by: row.endedByEmail },
    matches,
    lastMatchAt: row.lastMatchAt?.toISOString() ?? null,
  };
}
