/** The keys of one source. */
import { keyDistrustList } from "#db/queries/rederivation";
import { sourceFind } from "#db/queries/source";
import { sourceKeysOf } from "#db/queries/source-key";
import type { SourceKeysAnswer, SourceKeysQuery } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { sourceKeysAsOf } from "./as-of.ts";
import { sourceKeyView } from "./view.ts";

/**
 * Every key that was registered by then, the oldest first.
 *
 * @throws {ProblemError} `source/not-found`; `request/invalid` for an instant of the future
 */
export async function sourceKeys(
  ctx: ServiceContext,
  { sourceId, ...query }: SourceKeysQuery & { sourceId: string },
): Promise<SourceKeysAnswer> {
  const scope = readScope(ctx, "source:read");
  const { used, asOf } = timePoint(ctx, query);
  const source = await sourceFind(ctx.db, scope, sourceId);
  if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  const rows = await sourceKeysOf(ctx.db, { trustDomainId: source.trustDomainId, sourceId });
  const keys = asOf ? sourceKeysAsOf(rows, await keyDistrustList(ctx.db, scope), asOf) : rows;
  return { asOf: used.asOf, items: keys.map((key) => sourceKeyView(key)) };
}
