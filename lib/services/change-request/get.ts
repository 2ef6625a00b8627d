/** One change request with its votes. */
import { changeFind, voteList } from "#db/queries/change-request";
import type { ChangeView } from "#lib/contracts/change-request";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import type { ChangeKind } from "./kinds.ts";
import { changeView } from "./view.ts";

/**
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} `change/not-found`
 */
export async function changeGet(
  ctx: ServiceContext,
  { requestId }: { requestId: string },
  kinds: readonly ChangeKind[],
): Promise<ChangeView> {
  const scope = readScope(ctx, "change:read");
  const row = await changeFind(ctx.db, scope, requestId);
  if (!row) throw new ProblemError("change/not-found", `No change request ${requestId}.`);
  const votes = await voteList(ctx.db, scope, requestId);
  const kind = kinds.find((known) => known.kind === row.kind);
  const planHash = row.state === "pending" && kind ? await planHashNow(ctx, kind, row.payload) : null;
  return changeView(row, { kind, actor: ctx.actor, votes, planHash, now: ctx.now() });
}

/** `null` when it could not even be planned any more. */
async function planHashNow(ctx: ServiceContext, kind: ChangeKind, payload: unknown): Promise<string | null> {
  try {
    return (await kind.plan(ctx.db, ctx, payload)).planHash;
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
