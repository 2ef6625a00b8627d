/** The secret that a sender shows: `ts_<prefix>_<secret>`. */
import { createHash, randomBytes } from "node:crypto";

const PREFIX_BYTES = 4;
const SECRET_BYTES = 32;
const FORMAT = /^ts_([0-9a-f]{8})_([A-Za-z0-9_-]{43})$/;

/** A new secret. Only its digest is stored; the prefix is what people recognise it by. */
export function newApiKeySecret(): { secret: string; prefix: string; sha256: Buffer } {
  const prefix = randomBytes(PREFIX_BYTES).toString("hex");
  const secret = `ts_${prefix}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { secret, prefix, sha256: digestOf(secret) };
}

/**
 * Digest of the key in an `Authorization` header; `null` when there is none of our form in it.
 *
 * No salt and no slow hash: the secret has 256 random bits.
 */
export function apiKeyDigest(header: string | undefined): Buffer | null {
  const secret = /^Bearer ([!-~]{1,200})$/i.exec(header ?? "")?.[1];
  return secret && FORMAT.test(secret) ? digestOf(secret) : null;
}

function digestOf(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}
