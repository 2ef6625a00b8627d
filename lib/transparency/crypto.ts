/** SHA-256 and Ed25519 as the log uses them. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify } from "node:crypto";
import type { Verify } from "#lib/domain/merkle/note";

export const sha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

/** `false` for anything that is no key or no signature. */
export const verifyEd25519: Verify = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString("base64url");
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
};

/** @param privateKey PKCS #8 */
export function signEd25519(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" });
  return sign(null, message, key);
}

/** A new pair: 32 bytes of public key, and the private one as PKCS #8. */
export function makeEd25519(): { publicKey: Uint8Array; privateKey: Buffer } {
  const pair = generateKeyPairSync("ed25519");
  const { x = "" } = pair.publicKey.export({ format: "jwk" });
  return {
    publicKey: Buffer.from(x, "base64url"),
    privateKey: pair.privateKey.export({ format: "der", type: "pkcs8" }),
  };
}
