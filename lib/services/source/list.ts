/** Sources with their keys and traffic. */
import { apiKeyList, sourceKeyList, sourceList as sourceRows, sourceTraffic } from "#db/queries/source";
import type { ApiKeyView, SourceList, SourceQuery, SourceView } from "#lib/contracts/source";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import type { SourceKind } from "./kinds.ts";
import { sourceView } from "./view.ts";

/**
 * The sources as of an instant: those that were configured by then, with what had arrived by then.
 *
 * Configuration keeps no history of its own: what began later is left out and what ended later has not
 * ended; the rest is shown as it is now.
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
  const [rows, keys, apiKeys, traffic] = await Promise.all([
    sourceRows(ctx.db, scope),
    sourceKeyList(ctx.db, scope),
    apiKeyList(ctx.db, scope),
    sourceTraffic(ctx.db, scope, { asOf, now }),
  ]);
  const bySource = new Map(traffic.map((entry) => [entry.sourceId, entry]));
  const items = rows.map((row) =>
    sourceView(row, { keys, apiKeys, traffic: bySource.get(row.id), kinds, asOf, now }),
  );
  return { asOf: used.asOf, items: asOf ? items.flatMap((item) => viewAsOf(item, used.asOf)) : items };
}

/** What of a source was there at an instant; nothing when it was configured later. ISO texts compare as instants. */
function viewAsOf(item: SourceView, asOf: string): SourceView[] {
  if (item.createdAt > asOf) return [];
  const ended = (at: string | null) => (at !== null && at <= asOf ? at : null);
  const apiKeys = item.apiKeys
    .filter(({ createdAt }) => createdAt <= asOf)
    .map(
      (key): ApiKeyView => ({ ...key, revokedAt: ended(key.revokedAt), lastUsedAt: ended(key.lastUsedAt) }),
    );
  return [
    {
      ...item,
      disabledAt: ended(item.disabledAt),
      keys: item.keys.filter(({ validFrom }) => validFrom <= asOf),
      apiKeys,
    },
  ];
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
