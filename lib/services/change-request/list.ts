/** Change requests: those that wait for somebody, one's own, and those that are over. */
import { changeList, changesWaiting } from "#db/queries/change-request";
import { rederivationsOpen } from "#db/queries/rederivation";
import type { ChangeList, ChangeListQuery } from "#lib/contracts/change-request";
import { can } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import type { ChangeKind } from "./kinds.ts";
import { changeSummary, personOfActor } from "./view.ts";

/**
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} `request/invalid` for a foreign cursor
 */
export async function changeRequests(
  ctx: ServiceContext,
  query: ChangeListQuery,
  kinds: readonly ChangeKind[],
): Promise<ChangeList> {
  const scope = readScope(ctx, "change:read");
  const now = ctx.now();
  const after = query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null;
  const person = personOfActor(ctx.actor) ?? "";
  const decides = can(ctx.actor, "change:decide");
  const nothing = query.list === "waiting" && !decides;
  const page = nothing
    ? { items: [], next: null }
    : await changeList(ctx.db, scope, { filter: query.list, person, now, after, limit: query.limit });
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  return {
    items: page.items.map((row) => changeSummary(row, { kind: byName.get(row.kind), actor: ctx.actor, now })),
    nextCursor: page.next ? encodeCursor(page.next) : null,
    rederiving: await rederiving(ctx, scope),
    waitingOnMe: decides ? await changesWaiting(ctx.db, scope, person, now) : 0,
  };
}

async function rederiving(ctx: ServiceContext, scope: readonly string[]): Promise<ChangeList["rederiving"]> {
  const open = await rederivationsOpen(ctx.db, scope);
  if (open.length === 0) return null;
  const sum = (of: "done" | "total") => open.reduce((total, row) => total + row[of], 0);
  return { done: sum("done"), total: sum("total") };
}
