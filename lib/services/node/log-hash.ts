/** The hash that readers of logs ask for. */
import { createHash, getHashes } from "node:crypto";
import type { Hash } from "#lib/domain/measured-boot/algorithms";

/** Names of the TCG where OpenSSL has another one. */
const OPENSSL: Readonly<Record<string, string>> = {
  sm3_256: "sm3",
  sha3_256: "sha3-256",
  sha3_384: "sha3-384",
  sha3_512: "sha3-512",
};
const KNOWN: ReadonlySet<string> = new Set(getHashes().map((name) => name.toLowerCase()));

export const logHash: Hash = (algorithm, ...parts) => {
  const name = OPENSSL[algorithm] ?? algorithm;
  if (!KNOWN.has(name)) return null;
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};
