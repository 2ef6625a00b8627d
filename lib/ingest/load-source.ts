/** The source that a request speaks for, with the keys that may vouch for it right now. */
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import type { Db } from "#db/client";
import { sourceKey, source as sourceTable } from "#db/schema/source";
import type { EnrolmentSetting } from "#lib/domain/enrolment";
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
  staleAfterMs: number | null;
  backfillUntil: Date | null;
  /** `ask` = nodes that it introduces wait for a person. */
  enrolment: EnrolmentSetting;
};

/** Importing a key costs more than looking it up; a JWK never changes its meaning. */
const imported = new Map<string, KeyObject>();
const MAX_IMPORTED = 1_000;

/**
 * Read a source and its usable keys: state `active` (or `prepared`, so that a rotation has no gap)
 * within their validity.
 *
 * @returns `null` when the source does not exist in that domain or is disabled
 */
export async function loadSource(
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
    staleAfterMs: row.staleAfterMs,
    backfillUntil: row.backfillUntil,
    enrolment: row.enrolment,
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
