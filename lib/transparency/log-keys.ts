/** The keys that sign a log's checkpoints. */
import type { Tx } from "#db/client";
import { type LogKeyRow, logKeyInsert, logKeys } from "#db/queries/audit-log";
import type { Sealer, SecretPlace } from "#db/sealing";
import { utf8 } from "#lib/domain/merkle/bytes";
import { formatCheckpoint } from "#lib/domain/merkle/checkpoint";
import { formatNote, formatVkey, parseVkey, SIGNATURE_TYPE, verifierKey } from "#lib/domain/merkle/note";
import { makeEd25519, sha256, signEd25519 } from "./crypto.ts";

/** No source has this id, so no secret of a source opens in the place of a log key. */
const placeOf = (trustDomainId: string, vkey: string): SecretPlace => ({
  trustDomainId,
  sourceId: "audit-log",
  kid: vkey,
});

/** Make a key for a log, sealed at rest. */
export async function makeLogKey(
  tx: Tx,
  sealer: Sealer,
  args: { trustDomainId: string; origin: string; now: Date },
): Promise<LogKeyRow> {
  const { trustDomainId, origin, now } = args;
  const { publicKey, privateKey } = makeEd25519();
  const vkey = formatVkey(verifierKey(sha256, { name: origin, type: SIGNATURE_TYPE.ed25519, publicKey }));
  const sealedPrivateKey = sealer.seal(privateKey, placeOf(trustDomainId, vkey));
  const row = { trustDomainId, vkey, sealedPrivateKey, createdAt: now, retireAt: null };
  await logKeyInsert(tx, row);
  return row;
}

/** Those that sign at `now`; the first one is made when there is none. */
export async function signingLogKeys(
  tx: Tx,
  sealer: Sealer,
  args: { trustDomainId: string; origin: string; now: Date },
): Promise<LogKeyRow[]> {
  const keys = await logKeys(tx, args.trustDomainId);
  const signing = keys.filter(({ retireAt }) => retireAt === null || retireAt > args.now);
  return signing.length > 0 ? signing : [await makeLogKey(tx, sealer, args)];
}

/** A checkpoint as a note that every given key has signed. */
export function signCheckpoint(
  sealer: Sealer,
  keys: readonly LogKeyRow[],
  checkpoint: { origin: string; size: number; root: Uint8Array },
): string {
  const text = formatCheckpoint(checkpoint);
  const signatures = keys.map(({ trustDomainId, vkey, sealedPrivateKey }) => {
    const key = parseVkey(sha256, vkey);
    if (!key) throw new Error("A key of the audit log is damaged");
    const privateKey = sealer.open(sealedPrivateKey, placeOf(trustDomainId, vkey));
    return { name: key.name, id: key.id, signature: signEd25519(privateKey, utf8(text)) };
  });
  return formatNote({ text, signatures });
}
