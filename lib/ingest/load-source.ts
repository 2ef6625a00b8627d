/** The source that a request speaks for, with the keys that may vouch for it right now. */
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import type { Db } from "#db/client";
import { limitOfSource } from "#db/queries/limit";
import { sourceKey, source as sourceTable } from "#db/schema/source";
import type { SilenceLimit } from "#lib/domain/cadence";
import type { PinnedKey, Source, SourceSettings } from "#lib/sources/contract";
import { sourceByKind } from "#lib/sources/registry";

export type LoadedSource = {
  trustDomainId: string;
  id: string;
  name: string;
  plugin: Source;
  settings: SourceSettings;
  keys: readonly PinnedKey[];
  /** Keys were registered but none is usable now: nothing can be believed until one is. */
  keysExhausted: boolean;
  /** `null` = no expected cadence. */
  staleAfterMs: SilenceLimit;
  backfillUntil: Date | null;
};

/** Importing a key costs more than looking it up; a JWK never changes its meaning. */
const imported = new Map<string, KeyObject>();
const MAX_IMPORTED = 1_000;

/** Reads under way, so that requests that come in together share one. */
const reading = new WeakMap<Db, Map<string, Promise<LoadedSource | null>>>();

/**
 * {@link readSource}, shared with whoever asks while the answer is on its way. It is never older than
 * one query takes.
 */
export function loadSource(
  db: Db,
  trustDomainId: string,
  sourceId: string,
  now: Date,
): Promise<LoadedSource | null> {
  const shared = reading.get(db) ?? new Map<string, Promise<LoadedSource | null>>();
  reading.set(db, shared);
  const key = `${trustDomainId} ${sourceId}`;
  const known = shared.get(key);
  if (known) return known;
  const read = readSource(db, trustDomainId, sourceId, now).finally(() => shared.delete(key));
  shared.set(key, read);
  return read;
}

/**
 * Read a source and its usable keys: state `active` (or `prepared`, so that a rotation has no gap)
 * within their validity.
 *
 * @returns `null` when the source does not exist in that domain or is disabled
 */
async function readSource(
  db: Db,
  trustDomainId: string,
  sourceId: string,
  now: Date,
): Promise<LoadedSource | null> {
  const rows = await db
    .select({ source: sourceTable, key: sourceKey })
    .from(sourceTable)
    .leftJoin(
      sourceKey,
      and(eq(sourceKey.trustDomainId, sourceTable.trustDomainId), eq(sourceKey.sourceId, sourceTable.id)),
    )
    .where(
      and(
        eq(sourceTable.trustDomainId, trustDomainId),
        eq(sourceTable.id, sourceId),
        isNull(sourceTable.disabledAt),
      ),
    );
  const row = rows[0]?.source;
  const plugin = row && sourceByKind(row.kind);
  if (!row || !plugin) return null;
  const keys = rows.flatMap(({ key }): PinnedKey[] => {
    if (!key || !["active", "prepared"].includes(key.state)) return [];
    if (key.validFrom > now || (key.validTo && key.validTo <= now)) return [];
    return [{ kid: key.kid, alg: key.alg, key: keyObject(key.jwk) }];
  });
  return {
    trustDomainId,
    id: row.id,
    name: row.name,
    plugin,
    settings: {
      nodeIdPointer: row.nodeIdPointer,
      acceptPastMs: row.acceptPastMs,
      acceptFutureMs: row.acceptFutureMs,
    },
    keys,
    keysExhausted: keys.length === 0 && rows.some(({ key }) => key !== null),
    staleAfterMs: limitOfSource(row),
    backfillUntil: row.backfillUntil,
  };
}

function keyObject(jwk: JsonWebKey): KeyObject {
  const id = JSON.stringify(jwk);
  const known = imported.get(id);
  if (known) return known;
  if (imported.size >= MAX_IMPORTED) imported.clear();
  const key = createPublicKey({ key: jwk, format: "jwk" });
  imported.set(id, key);
  return key;
}
