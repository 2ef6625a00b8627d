/** What was wrong with a source, and when. */
import { sourceFind } from "#db/queries/source";
import { findingList } from "#db/queries/source-finding";
import type { FindingList, FindingListQuery } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { byUrgency, findingView } from "./finding-view.ts";

/** Findings of one answer at most; the newest are kept. */
const MAX_FINDINGS = 200;

/**
 * Findings of a source: all of them, or those of an instant.
 *
 * @throws {ProblemError} `source/not-found`; `request/invalid` for an instant of the future
 */
export async function sourceFindings(
  ctx: ServiceContext,
  query: FindingListQuery & { sourceId: string },
): Promise<FindingList> {
  const scope = readScope(ctx, "source:read");
  const { sourceId } = query;
  const { used, asOf, knownAt, now } = timePoint(ctx, query);
  const source = await sourceFind(ctx.db, scope, sourceId);
  if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  const rows = await findingList(ctx.db, scope, {
    sourceId,
    from: asOf ?? new Date(0),
    to: asOf ?? now,
    knownAt,
    limit: MAX_FINDINGS,
  });
  return { ...used, items: rows.map((row) => findingView(row, source.name)).sort(byUrgency) };
}
