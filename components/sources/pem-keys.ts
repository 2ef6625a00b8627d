/** PEM to JWK, by the browser's own cryptography. Fetched when a PEM block is pasted. */
import { exportJWK, importSPKI, importX509 } from "jose";
import type { PemBlock, PublicJwk } from "./read-keys.ts";

/**
 * One algorithm for each type of key. They only tell the library how to read it: with ECDH-ES it finds the
 * curve by itself, and the JWK that comes out names no algorithm.
 */
const READ_AS = ["ECDH-ES", "EdDSA", "RS256"];

/** The public key of a PEM block; `null` when it holds none of a type that signs. */
export async function jwkOfPem({ label, text }: PemBlock): Promise<PublicJwk | null> {
  const read = label === "CERTIFICATE" ? importX509 : importSPKI;
  for (const algorithm of READ_AS) {
    try {
      const jwk: PublicJwk = { ...(await exportJWK(await read(text, algorithm, { extractable: true }))) };
      return jwk.crv === "X25519" ? null : jwk;
    } catch {
      // Another type of key.
    }
  }
  return null;
}
