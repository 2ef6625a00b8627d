/** Sources with their keys and traffic. */
import { rederivationsOpen } from "#db/queries/rederivation";
import {
  apiKeyList,
  sourceFacts,
  sourceKeyList,
  sourceList as sourceRows,
  sourceTraffic,
} from "#db/queries/source";
import { findingList } from "#db/queries/source-finding";
import type { SourceList, SourceView } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { byUrgency, findingView } from "./finding-view.ts";
import type { SourceKind } from "./kinds.ts";
import { sourceView } from "./view.ts";

/** Open findings shown per source at most. */
const OPEN_FINDINGS = 20;

/** @param kinds the registered kinds, from the composition root */
export async function sourceList(ctx: ServiceContext, kinds: readonly SourceKind[]): Promise<SourceList> {
  const scope = readScope(ctx, "source:read");
  const now = ctx.now();
  const [rows, keys, apiKeys, traffic, facts, open, progress] = await Promise.all([
    sourceRows(ctx.db, scope),
    sourceKeyList(ctx.db, scope),
    apiKeyList(ctx.db, scope),
    sourceTraffic(ctx.db, scope, now),
    sourceFacts(ctx.db, scope, now),
    findingList(ctx.db, scope, { sourceId: null, from: now, to: now, knownAt: null, limit: OPEN_FINDINGS }),
    rederivationsOpen(ctx.db, scope),
  ]);
  const bySource = new Map(traffic.map((entry) => [entry.sourceId, entry]));
  const factsBySource = new Map(facts.map((entry) => [entry.sourceId, entry]));
  return {
    items: rows.map((row) =>
      sourceView(row, {
        keys,
        apiKeys,
        traffic: bySource.get(row.id),
        facts: factsBySource.get(row.id),
        findings: open
          .filter(({ sourceId }) => sourceId === row.id)
          .map((finding) => findingView(finding, row.name))
          .sort(byUrgency),
        progress,
        kinds,
        now,
      }),
    ),
  };
}

/** @throws {ProblemError} `source/not-found` */
export async function sourceGet(
  ctx: ServiceContext,
  { sourceId }: { sourceId: string },
  kinds: readonly SourceKind[],
): Promise<SourceView> {
  // A deployment has a handful of sources: one query for all is simpler than a second set for one.
  const { items } = await sourceList(ctx, kinds);
  const found = items.find(({ id }) => id === sourceId);
  if (!found) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  return found;
}
