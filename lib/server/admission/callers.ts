/** Who asks for an admission: looked up as everywhere, and believed for a moment, because thousands of questions come. */
import "server-only";
import { createHash } from "node:crypto";
import type { Actor } from "#lib/domain/access";

/** How long a caller is believed before it is looked up again, beside the answers that it gets meanwhile. Milliseconds. */
const BELIEVE_MS = 5_000;
/** How long at most nobody waits for that look-up, so that a revocation counts then. Milliseconds. */
const WAIT_AFTER_MS = 10_000;
/** How long a caller is believed while the database cannot be asked: as long as any rule may stay open. Milliseconds. */
const OUTAGE_MS = 3_600_000;
const CALLERS_MAX = 1_000;

type Entry<T> = { found: T; readAtMs: number; renewal: Promise<T | null> | null };

/** Looks somebody up. Rejects when it cannot be known now. */
export type LookUp<T = Actor> = (authorization: string) => Promise<T | null>;

/**
 * The caller that an `Authorization` header speaks for, or who signs for an id; `null` = nobody.
 *
 * Only who was found is remembered, so strangers cannot fill it.
 */
export function rememberCallers<T>(lookUp: LookUp<T>, now: () => number): LookUp<T> {
  const known = new Map<string, Entry<T>>();

  const renew = async (id: string, authorization: string): Promise<T | null> => {
    const readAtMs = now();
    const found = await lookUp(authorization);
    if (!found) known.delete(id);
    else {
      if (!known.has(id) && known.size >= CALLERS_MAX) known.clear();
      known.set(id, { found, readAtMs, renewal: null });
    }
    return found;
  };

  return async (authorization) => {
    const id = createHash("sha256").update(authorization).digest("base64");
    const entry = known.get(id);
    if (!entry) return renew(id, authorization);
    const ageMs = now() - entry.readAtMs;
    if (ageMs < BELIEVE_MS) return entry.found;
    entry.renewal ??= renew(id, authorization).finally(() => {
      entry.renewal = null;
    });
    if (ageMs < WAIT_AFTER_MS) {
      entry.renewal.catch(() => {});
      return entry.found;
    }
    try {
      return await entry.renewal;
    } catch (error) {
      if (ageMs < OUTAGE_MS) return entry.found;
      throw error;
    }
  };
}
