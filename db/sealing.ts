/**
 * Secrets at rest: AES-256-GCM under a master key that the database never holds.
 *
 * A sealed secret is one byte with the master key's version, 12 bytes of nonce, the ciphertext and 16
 * bytes of tag. It opens only in the place that it was sealed for, so that a row which is moved to
 * another source opens nothing.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export const MASTER_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

/** Which key of which source a secret is. */
export type SecretPlace = { trustDomainId: string; sourceId: string; kid: string };

/** `version` is 1 to 255 and stands in every secret that was sealed with it. */
export type MasterKey = { version: number; bytes: Uint8Array };

export type MasterKeys = {
  /** All that exist, the one to seal with first; empty before the first secret. */
  read: () => readonly MasterKey[];
  /** Make the first one, or read the one that somebody else has made meanwhile. */
  make: () => MasterKey;
};

export type Sealer = {
  seal: (secret: Uint8Array, place: SecretPlace) => Buffer;
  /** @throws {SealError} when it was sealed with another master key, for another place, or changed */
  open: (sealed: Uint8Array, place: SecretPlace) => Buffer;
};

/** A secret that cannot be opened. Says nothing about its content. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/** Seals with the newest master key and opens with whichever one a secret names. */
export function createSealer(keys: MasterKeys): Sealer {
  return {
    seal(secret, place) {
      const { version, bytes } = keys.read()[0] ?? keys.make();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, bytes, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(aadOf(version, place));
      const body = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, body, cipher.getAuthTag()]);
    },
    open(sealed, place) {
      const version = sealed[0] ?? 0;
      const key = keys.read().find((known) => known.version === version);
      if (!key) throw new SealError(`There is no master key of version ${version} to open a secret with`);
      if (sealed.byteLength <= 1 + NONCE_BYTES + TAG_BYTES)
        throw new SealError("A sealed secret is cut short");
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(aadOf(version, place));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        const body = decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([body, decipher.final()]);
      } catch (cause) {
        const detail = "A secret does not open: another master key, another place, or it was changed";
        throw new SealError(detail, { cause });
      }
    },
  };
}

/** As a list, so that no part can run over into the next. */
function aadOf(version: number, { trustDomainId, sourceId, kid }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify(["source_key", version, trustDomainId, sourceId, kid]), "utf8");
}
