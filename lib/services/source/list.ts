/** Sources with their keys and traffic. */
import { keyDistrustList, rederivationsOpen } from "#db/queries/rederivation";
import {
  apiKeyList,
  sourceFacts,
  sourceKeyList,
  sourceList as sourceRows,
  sourceTraffic,
} from "#db/queries/source";
import { findingList } from "#db/queries/source-finding";
import type { SourceList, SourceQuery, SourceView } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { apiKeysAsOf, sourceKeysAsOf, sourcesAsOf } from "./as-of.ts";
import { byUrgency, findingView } from "./finding-view.ts";
import type { SourceKind } from "./kinds.ts";
import { sourceView } from "./view.ts";

/** Open findings shown per source at most. */
const OPEN_FINDINGS = 20;

/**
 * The sources as of an instant: those that were configured by then, with what had arrived by then.
 *
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} `request/invalid` for an instant of the future
 */
export async function sourceList(
  ctx: ServiceContext,
  kinds: readonly SourceKind[],
  query: SourceQuery = {},
): Promise<SourceList> {
  const scope = readScope(ctx, "source:read");
  const { used, asOf, now } = timePoint(ctx, query);
  const at = asOf ?? now;
  const [rows, keys, apiKeys, distrusts, traffic, facts, open, progress] = await Promise.all([
    sourceRows(ctx.db, scope),
    sourceKeyList(ctx.db, scope),
    apiKeyList(ctx.db, scope),
    asOf ? keyDistrustList(ctx.db, scope) : [],
    sourceTraffic(ctx.db, scope, { asOf, now }),
    sourceFacts(ctx.db, scope, { asOf, now }),
    findingList(ctx.db, scope, { sourceId: null, from: at, to: at, knownAt: asOf, limit: OPEN_FINDINGS }),
    // What is still being derived anew is a matter of now.
    asOf ? [] : rederivationsOpen(ctx.db, scope),
  ]);
  const bySource = new Map(traffic.map((entry) => [entry.sourceId, entry]));
  const factsBySource = new Map(facts.map((entry) => [entry.sourceId, entry]));
  const parts = {
    keys: asOf ? sourceKeysAsOf(keys, distrusts, asOf) : keys,
    apiKeys: asOf ? apiKeysAsOf(apiKeys, asOf) : apiKeys,
    progress,
    kinds,
    asOf,
    now,
  };
  const items = (asOf ? sourcesAsOf(rows, asOf) : rows).map((row) =>
    sourceView(row, {
      ...parts,
      traffic: bySource.get(row.id),
      facts: factsBySource.get(row.id),
      findings: open
        .filter(({ sourceId }) => sourceId === row.id)
        .map((finding) => findingView(finding, row.name))
        .sort(byUrgency),
    }),
  );
  return { asOf: used.asOf, items };
}

/** @throws {ProblemError} `source/not-found`, also when it was configured later */
export async function sourceGet(
  ctx: ServiceContext,
  { sourceId, ...query }: SourceQuery & { sourceId: string },
  kinds: readonly SourceKind[],
): Promise<SourceView> {
  // A deployment has a handful of sources: one query for all is simpler than a second set for one.
  const { items } = await sourceList(ctx, kinds, query);
  const found = items.find(({ id }) => id === sourceId);
  if (!found) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  return found;
}
