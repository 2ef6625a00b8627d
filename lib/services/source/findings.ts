/** What was wrong with a source, and when. */
import { sourceFind } from "#db/queries/source";
import { findingList } from "#db/queries/source-finding";
import type { FindingList, FindingListQuery } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { byUrgency, findingView } from "./finding-view.ts";

/** Findings of one answer at most; the newest are kept. */
const MAX_FINDINGS = 200;

/**
 * Findings of a source: all of them, those of an instant, or as they were known at one.
 *
 * @throws {ProblemError} `source/not-found`
 */
export async function sourceFindings(
  ctx: ServiceContext,
  query: FindingListQuery & { sourceId: string },
): Promise<FindingList> {
  const scope = readScope(ctx, "source:read");
  const { sourceId, asOf, knownAt } = query;
  const source = await sourceFind(ctx.db, scope, sourceId);
  if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  const at = asOf ? new Date(asOf) : null;
  const rows = await findingList(ctx.db, scope, {
    sourceId,
    from: at ?? new Date(0),
    to: at ?? ctx.now(),
    knownAt: knownAt ? new Date(knownAt) : null,
    limit: MAX_FINDINGS,
  });
  return { items: rows.map((row) => findingView(row, source.name)).sort(byUrgency) };
}
