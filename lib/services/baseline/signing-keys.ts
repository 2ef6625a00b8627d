/** The public keys of the installation, for whoever checks what it signed. */
import { createPublicKey } from "node:crypto";
import { signingKeyList } from "#db/queries/signing-key";
import type { SigningKeyList } from "#lib/contracts/baseline";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";

/** @throws {ProblemError} `auth/forbidden` */
export async function listSigningKeys(ctx: ServiceContext): Promise<SigningKeyList> {
  const rows = await signingKeyList(ctx.db, readScope(ctx, "baseline:read"));
  return {
    items: rows.map(({ kid, publicKey, createdAt }) => ({
      kid,
      algorithm: "Ed25519",
      publicKeyPem: createPublicKey({ key: publicKey, format: "der", type: "spki" })
        .export({ format: "pem", type: "spki" })
        .toString(),
      createdAt: createdAt.toISOString(),
    })),
  };
}
