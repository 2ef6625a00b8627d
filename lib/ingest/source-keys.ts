/** The keys that may vouch for a source's messages right now, ready to verify with. */
import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { SealError, type Sealer } from "#db/sealing";
import { ProblemError } from "#lib/domain/problems";
import { type KeyLife, vouchesUntil } from "#lib/domain/source-key";
import type { PinnedKey } from "#lib/sources/contract";

/** A stored key, as far as verifying goes. */
export type StoredKey = {
  trustDomainId: string;
  sourceId: string;
  kid: string;
  alg: string;
  jwk: Record<string, string> | null;
  sealedSecret: Buffer | null;
  state: string;
  validFrom: Date;
  validTo: Date | null;
  acceptUntil: Date | null;
  lastUsedAt: Date | null;
};

export type SourceKeys = {
  /** Live ones first, then the retired, the latest first: only the first few are tried for one signature. */
  keys: readonly PinnedKey[];
  /** By kid of a retired key: the last instant that a message it vouches for may have been signed at. */
  acceptUntilMs: ReadonlyMap<string, number>;
};

/** Importing a key, or opening a secret, costs more than looking it up; stored bytes never change their meaning. */
const imported = new Map<string, KeyObject>();
const MAX_IMPORTED = 1_000;

/**
 * Pick the keys that vouch for anything that may still arrive.
 *
 * @param sinceMs a key that stopped before then is left out: what it signed is refused for its age
 * @throws {ProblemError} `server/unavailable` when a shared secret cannot be opened: that is our
 *   fault, so the sender must try again and not drop its message
 */
export function usableKeys(
  rows: readonly StoredKey[],
  { nowMs, sinceMs, sealer }: { nowMs: number; sinceMs: number; sealer: Sealer },
): SourceKeys {
  const usable = rows.flatMap((row) => {
    const until = vouchesUntil(lifeOf(row), nowMs);
    return until === null || (until !== "always" && until < sinceMs) ? [] : [{ row, until }];
  });
  const end = (until: number | "always") => (until === "always" ? Number.POSITIVE_INFINITY : until);
  usable.sort((a, b) => (end(a.until) === end(b.until) ? 0 : end(b.until) - end(a.until)));
  return {
    keys: usable.flatMap(({ row, until }) => {
      const key = openedKey(row, sealer, until === "always");
      return key ? [{ kid: row.kid, alg: row.alg, key }] : [];
    }),
    acceptUntilMs: new Map(
      usable.flatMap(({ row, until }): [string, number][] => (until === "always" ? [] : [[row.kid, until]])),
    ),
  };
}

function lifeOf({ state, validFrom, validTo, acceptUntil }: StoredKey): KeyLife {
  return {
    state,
    validFromMs: validFrom.getTime(),
    validToMs: validTo?.getTime() ?? null,
    acceptUntilMs: acceptUntil?.getTime() ?? null,
  };
}

function keyObject(row: StoredKey, sealer: Sealer): KeyObject {
  const { trustDomainId, sourceId, kid, jwk, sealedSecret } = row;
  const id = sealedSecret
    ? `${trustDomainId} ${sourceId} ${kid} ${sealedSecret.toString("base64")}`
    : JSON.stringify(jwk);
  const known = imported.get(id);
  if (known) return known;
  if (imported.size >= MAX_IMPORTED) imported.clear();
  const key = sealedSecret
    ? createSecretKey(sealer.open(sealedSecret, row))
    : createPublicKey({ key: jwk ?? {}, format: "jwk" });
  imported.set(id, key);
  return key;
}

/** `null` for a retired secret that does not open: whoever lost it has moved on to another one. */
function openedKey(row: StoredKey, sealer: Sealer, live: boolean): KeyObject | null {
  try {
    return keyObject(row, sealer);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    if (!live) return null;
    const detail = "The shared secrets of this source cannot be opened here. Nothing was stored; send again.";
    throw new ProblemError("server/unavailable", detail, { cause });
  }
}
