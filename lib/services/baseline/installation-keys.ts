/** The public keys of the whole installation as a key set: whoever holds a statement may check it. */
import { createPublicKey } from "node:crypto";
import type { Conn } from "#db/client";
import { signingKeyAll } from "#db/queries/signing-key";
import type { InstallationKeys } from "#lib/contracts/attestation";

/** Public keys name nobody: neither a trust domain nor when it began to sign. */
export async function installationKeys({ db }: { db: Conn }): Promise<InstallationKeys> {
  const rows = await signingKeyAll(db);
  return {
    keys: rows.map(({ kid, publicKey }) => {
      const { x = "" } = createPublicKey({ key: publicKey, format: "der", type: "spki" }).export({
        format: "jwk",
      });
      return { kty: "OKP", crv: "Ed25519", x: String(x), kid, use: "sig", alg: "EdDSA" };
    }),
  };
}
