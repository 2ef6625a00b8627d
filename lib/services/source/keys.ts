/** The keys of one source. */
import { sourceFind } from "#db/queries/source";
import { sourceKeysOf } from "#db/queries/source-key";
import type { SourceKeyList } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { sourceKeyView } from "./view.ts";

/** Every key that was ever registered, the oldest first. @throws {ProblemError} `source/not-found` */
export async function sourceKeys(
  ctx: ServiceContext,
  { sourceId }: { sourceId: string },
): Promise<SourceKeyList> {
  const source = await sourceFind(ctx.db, readScope(ctx, "source:read"), sourceId);
  if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  const rows = await sourceKeysOf(ctx.db, { trustDomainId: source.trustDomainId, sourceId });
  return { items: rows.map((row) => sourceKeyView(row)) };
}
