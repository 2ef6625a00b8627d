/** The drift inbox. */
import { groupCounts, groupPage, groupsByIds, lastDecided } from "#db/queries/drift-group";
import type { DriftCounts, DriftList, DriftListQuery } from "#lib/contracts/drift-group";
import type { GroupState } from "#lib/domain/drift-group";
import { DRIFT_TABS, type DriftQuery, parseDriftQuery } from "#lib/domain/drift-query";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { DriftKey, decodeCursor, encodeCursor } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { groupRow } from "./view.ts";

/**
 * One page of a tab with the counts of all tabs, of one instant: a tab's count is the number of its rows.
 *
 * @throws {ProblemError} `request/invalid` for a search or cursor that cannot be read
 */
export async function driftList(ctx: ServiceContext, q: DriftListQuery): Promise<DriftList> {
  const scope = readScope(ctx, "drift:read");
  const query = driftQueryOf(q.q);
  const after = q.cursor ? decodeCursor(DriftKey, q.cursor) : null;
  if (after && after.sort !== q.sort) decodeCursor(DriftKey, "");
  const now = ctx.now();
  return ctx.db.transaction(
    async (tx) => {
      const counted = await groupCounts(tx, scope, { query, now });
      const page = await groupPage(tx, scope, { ...q, query, now, after });
      const rows = await groupsByIds(tx, scope, page.ids);
      const last = await lastDecided(tx, scope);
      const counts = Object.fromEntries(
        DRIFT_TABS.map((tab) => [tab, counted.find((row) => row.tab === tab)?.groups ?? 0]),
      ) as DriftCounts;
      return {
        items: rows.map((row) => groupRow(row, now)),
        nextCursor: page.next ? encodeCursor({ sort: q.sort, ...page.next }) : null,
        counts,
        lastDecided: last && { ...last, state: last.state as GroupState, at: iso(last.at) },
      };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** @throws {ProblemError} `request/invalid` */
export function driftQueryOf(text: string): DriftQuery {
  const parsed = parseDriftQuery(text);
  if (parsed.ok) return parsed.query;
  throw new ProblemError("request/invalid", parsed.detail, {
    pointers: [{ pointer: "#/query/q", detail: parsed.detail }],
  });
}
