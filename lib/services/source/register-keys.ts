/** Keys as an operator hands them in: checked against what the source's kind is signed with, and made ready to store. */
import { randomBytes } from "node:crypto";
import type { SourceKeyRow } from "#db/queries/source";
import type { Sealer, SecretPlace } from "#db/sealing";
import { ProblemError } from "#lib/domain/problems";
import type { KeyState } from "#lib/domain/source-key";
import { type RegisteredKey, readJwks } from "./jwks.ts";
import type { SourceKind } from "./kinds.ts";
import { readSecret } from "./secret-text.ts";

/** A key that was checked. `secret` never goes anywhere but through the sealer. */
export type HandedKey = RegisteredKey | { kid: string; alg: string; secret: Buffer };

export type HandedKeys = {
  jwks?: { keys: readonly Record<string, unknown>[] } | undefined;
  secrets?: readonly string[] | undefined;
};

/** For callers that handle no secrets. */
export const NO_SEALER: Sealer = {
  seal() {
    throw new Error("No sealer was given to store a secret with");
  },
  open() {
    throw new Error("No sealer was given to open a secret with");
  },
};

/**
 * Check keys against the kind of their source: secrets only where messages are signed with them, and
 * public keys only where those are.
 *
 * @throws {ProblemError} `request/invalid` with a pointer to the first bad key; never with a secret in it
 */
export function readKeys(
  { label, secrets: spec }: SourceKind,
  { jwks, secrets = [] }: HandedKeys,
): HandedKey[] {
  if (secrets.length > 0 && !spec) {
    throw misplaced("#/secrets/0", `${label} is signed with a private key: register the public one.`);
  }
  const publicKeys = readJwks(jwks?.keys ?? []);
  if (publicKeys.length > 0 && spec && !spec.besidesPublicKeys) {
    throw misplaced("#/jwks/keys/0", `${label} is signed with a shared secret; a public key proves nothing.`);
  }
  const foreign = spec ? publicKeys.findIndex(({ alg }) => !/^Ed(DSA|25519)$/.test(alg)) : -1;
  if (foreign >= 0) throw misplaced(`#/jwks/keys/${foreign}`, `${label} knows Ed25519 public keys only.`);
  const secretKeys = secrets.map((text, index) => ({
    kid: `secret-${randomBytes(4).toString("hex")}`,
    alg: "HS256",
    secret: readSecret(text, spec?.format ?? "text", `#/secrets/${index}`),
  }));
  secretKeys.forEach(({ secret }, index) => {
    const twin = secretKeys.findIndex((other) => other.secret.equals(secret));
    if (twin < index) throw misplaced(`#/secrets/${index}`, "This secret is given twice.");
  });
  return [...publicKeys, ...secretKeys];
}

function misplaced(pointer: string, detail: string): ProblemError {
  return new ProblemError("request/invalid", `${pointer}: ${detail}`, { pointers: [{ pointer, detail }] });
}

/** Rows to store, secrets sealed. */
export function keyRowsOf(
  keys: readonly HandedKey[],
  source: Omit<SecretPlace, "kid">,
  state: Extract<KeyState, "active" | "prepared">,
  at: Date,
  sealer: Sealer,
): SourceKeyRow[] {
  return keys.map((key) => {
    const place = { ...source, kid: key.kid };
    return {
      ...place,
      alg: key.alg,
      jwk: "jwk" in key ? key.jwk : null,
      sealedSecret: "secret" in key ? sealer.seal(key.secret, place) : null,
      state,
      validFrom: at,
      validTo: null,
      activatedAt: state === "active" ? at : null,
      acceptUntil: null,
      lastUsedAt: null,
      distrustedSince: null,
      createdAt: at,
    };
  });
}

/** What the record keeps of a key: all of a public one, of a secret only its name. */
export function auditedKey({ kid, alg, jwk, state }: SourceKeyRow) {
  return { kid, alg, state, jwk: jwk ?? "secret" };
}
