/** The source that a request speaks for, with the keys that may vouch for it right now. */
import { and, eq, isNull, ne, or, sql } from "drizzle-orm";
import type { Db } from "#db/client";
import { limitOfSource } from "#db/queries/limit";
import { sourceKey, source as sourceTable } from "#db/schema/source";
import type { Sealer } from "#db/sealing";
import type { SilenceLimit } from "#lib/domain/cadence";
import type { EnrolmentSetting } from "#lib/domain/enrolment";
import type { PinnedKey, Source, SourceSettings } from "#lib/sources/contract";
import { sourceByKind } from "#lib/sources/registry";
import { usableKeys } from "./source-keys.ts";

export type LoadedSource = {
  trustDomainId: string;
  id: string;
  name: string;
  plugin: Source;
  settings: SourceSettings;
  keys: readonly PinnedKey[];
  /** By kid of a retired key: the last instant that a message it vouches for may have been signed at. */
  acceptUntilMs: ReadonlyMap<string, number>;
  /** By kid of a stored key: when its use was last noted. */
  keysUsedAt: ReadonlyMap<string, Date | null>;
  /** Keys were registered but none is usable now: nothing can be believed until one is. */
  keysExhausted: boolean;
  /** `null` = no expected cadence. */
  staleAfterMs: SilenceLimit;
  backfillUntil: Date | null;
  /** `ask` = nodes that it introduces wait for a person. */
  enrolment: EnrolmentSetting;
};

/** Whether any key was ever registered, those that are not read included. */
const HAD_KEYS = sql<boolean>`EXISTS (SELECT 1 FROM source_key any_key
  WHERE any_key.trust_domain_id = ${sourceTable.trustDomainId} AND any_key.source_id = ${sourceTable.id})`;

const NEVER_TOO_OLD_MS = Number.NEGATIVE_INFINITY;

/** Retired keys that nothing can rest on any more are not read: a source that rotates for years has many. */
const mayStillCount = (now: Date, backfill: boolean) =>
  backfill
    ? undefined
    : or(
        ne(sourceKey.state, "retired"),
        sql`${sourceKey.acceptUntil} >= ${now.toISOString()}::timestamptz - ${sourceTable.acceptPastMs} * interval '1 ms'`,
      );

/** Where sources are read from, and what opens their shared secrets. */
type SourceAccess = { db: Db; sealer: Sealer };
/** History (`backfill`) may have been signed with any key that was ever retired. */
type Question = { now: Date; backfill: boolean };

/** Reads under way, so that requests that come in together share one. */
const reading = new WeakMap<Db, Map<string, Promise<LoadedSource | null>>>();

/**
 * {@link readSource}, shared with whoever asks while the answer is on its way. It is never older than
 * one query takes.
 */
export function loadSource(
  access: SourceAccess,
  trustDomainId: string,
  sourceId: string,
  question: Question,
): Promise<LoadedSource | null> {
  const shared = reading.get(access.db) ?? new Map<string, Promise<LoadedSource | null>>();
  reading.set(access.db, shared);
  const key = `${trustDomainId} ${sourceId} ${question.backfill}`;
  const known = shared.get(key);
  if (known) return known;
  const read = readSource(access, trustDomainId, sourceId, question).finally(() => shared.delete(key));
  shared.set(key, read);
  return read;
}

/**
 * Read a source and its usable keys: state `active` (or `prepared`, so that a rotation has no gap)
 * within their validity, and those that were retired so lately that what they signed may still arrive.
 *
 * @returns `null` when the source does not exist in that domain or is disabled
 * @throws {ProblemError} `server/unavailable` when a shared secret cannot be opened
 */
async function readSource(
  { db, sealer }: SourceAccess,
  trustDomainId: string,
  sourceId: string,
  { now, backfill }: Question,
): Promise<LoadedSource | null> {
  const rows = await db
    .select({ source: sourceTable, key: sourceKey, hadKeys: HAD_KEYS })
    .from(sourceTable)
    .leftJoin(
      sourceKey,
      and(
        eq(sourceKey.trustDomainId, sourceTable.trustDomainId),
        eq(sourceKey.sourceId, sourceTable.id),
        mayStillCount(now, backfill),
      ),
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
  const stored = rows.flatMap(({ key }) => key ?? []);
  const nowMs = now.getTime();
  const sinceMs = backfill ? NEVER_TOO_OLD_MS : nowMs - row.acceptPastMs;
  const { keys, acceptUntilMs } = usableKeys(stored, { nowMs, sinceMs, sealer });
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
    acceptUntilMs,
    keysUsedAt: new Map(stored.map(({ kid, lastUsedAt }) => [kid, lastUsedAt])),
    keysExhausted: keys.length === 0 && rows[0]?.hadKeys === true,
    staleAfterMs: limitOfSource(row),
    backfillUntil: row.backfillUntil,
    enrolment: row.enrolment,
  };
}
