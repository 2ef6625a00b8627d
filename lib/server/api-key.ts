/** Who an `Authorization` header speaks for. */
import type { Db } from "#db/client";
import { apiKeyBySecret, apiKeyTouch } from "#db/queries/api-key";
import type { Actor, ApiKeyScope } from "#lib/domain/access";
import { type ServiceActor, serviceActorByKey } from "#lib/services/service-account/actor";
import { apiKeyDigest } from "#lib/services/source/api-key-secret";

/** How long a looked-up key of a source is believed: a revocation takes at most this long to count. Milliseconds. */
const CACHE_MS = 5_000;
const CACHE_MAX = 10_000;
const TOUCH_MS = 60_000;

type KeyActor = Extract<Actor, { kind: "api_key" }>;
type KeyHolder = KeyActor | ServiceActor;
type Entry = { actor: KeyActor; expiresAtMs: number; readAtMs: number; touchedAtMs: number };

const caches = new WeakMap<Db, Map<string, Entry>>();

/**
 * Look an API key up. Those of sources are remembered for a moment, for the sake of ingest; those of service accounts
 * never, so that whatever is taken from them counts from the next request on.
 *
 * @param header value of the `Authorization` header
 * @returns `null` when there is no key of our form in it, or it is unknown, expired, revoked, or its
 *   source or account is disabled; the caller cannot tell which
 */
export async function authenticateApiKey(
  db: Db,
  header: string | undefined,
  now: Date,
): Promise<{ actor: KeyHolder } | null> {
  const digest = apiKeyDigest(header);
  if (!digest) return null;
  const cache = caches.get(db) ?? new Map<string, Entry>();
  caches.set(db, cache);
  const id = digest.toString("hex");
  const nowMs = now.getTime();
  const known = cache.get(id);
  const entry = known && nowMs - known.readAtMs < CACHE_MS ? known : await readKey(db, digest, nowMs, known);
  if (!entry || entry.expiresAtMs <= nowMs) {
    cache.delete(id);
    const service = await serviceActorByKey(db, digest, now);
    return service && { actor: service };
  }
  // Only good keys are remembered, so strangers cannot fill it; the cap is for very many senders.
  if (entry !== known) {
    if (cache.size >= CACHE_MAX) cache.clear();
    cache.set(id, entry);
  }
  if (nowMs - entry.touchedAtMs >= TOUCH_MS) {
    entry.touchedAtMs = nowMs;
    await apiKeyTouch(db, entry.actor.id, now);
  }
  return { actor: entry.actor };
}

async function readKey(
  db: Db,
  digest: Buffer,
  nowMs: number,
  known: Entry | undefined,
): Promise<Entry | null> {
  const row = await apiKeyBySecret(db, digest);
  if (!row || row.revokedAt || row.sourceDisabledAt) return null;
  return {
    actor: {
      kind: "api_key",
      id: row.id,
      sourceId: row.sourceId,
      scopes: row.scopes as ApiKeyScope[],
      trustDomainIds: [row.trustDomainId],
    },
    expiresAtMs: row.expiresAt.getTime(),
    readAtMs: nowMs,
    touchedAtMs: known?.touchedAtMs ?? row.lastUsedAt?.getTime() ?? 0,
  };
}
