/** Public keys as an operator registers them. */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { ProblemError } from "#lib/domain/problems";

export type RegisteredKey = { kid: string; alg: string; jwk: Record<string, string> };

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
/** Members that make up a public key (RFC 7638), in the order that the thumbprint is taken over. */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  RSA: ["e", "kty", "n"],
};
const ALGS: Readonly<Record<string, readonly string[]>> = {
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  Ed25519: ["EdDSA", "Ed25519"],
  RSA: ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"],
};
const RSA_MIN_BITS = 2048;

/**
 * Check a JWK set and keep the public part of its keys.
 *
 * A key is bound to one algorithm: the one it states, else the only one that its type allows.
 *
 * @throws {ProblemError} `request/invalid` with a pointer to the first bad key
 */
export function readJwks(keys: readonly Record<string, unknown>[]): RegisteredKey[] {
  const registered = keys.map((jwk, index) => readJwk(jwk, `#/jwks/keys/${index}`));
  const seen = new Set<string>();
  registered.forEach(({ kid }, index) => {
    if (seen.has(kid)) throw refused(`#/jwks/keys/${index}/kid`, "Two keys have the same kid.");
    seen.add(kid);
  });
  return registered;
}

function readJwk(jwk: Record<string, unknown>, pointer: string): RegisteredKey {
  const secret = PRIVATE_MEMBERS.find((member) => member in jwk);
  if (secret) throw refused(`${pointer}/${secret}`, "This is a private key. Send the public part only.");
  const members = PUBLIC_MEMBERS[String(jwk.kty)];
  if (!members) throw refused(`${pointer}/kty`, "Use an EC, OKP or RSA key.");
  const publicJwk = Object.fromEntries(members.map((member) => [member, String(jwk[member] ?? "")]));
  const key = publicKeyOf(publicJwk, pointer);
  if (publicJwk.kty === "RSA" && (key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_MIN_BITS) {
    throw refused(`${pointer}/n`, `RSA keys need ${RSA_MIN_BITS} bits or more.`);
  }
  const allowed = ALGS[publicJwk.kty === "RSA" ? "RSA" : String(publicJwk.crv)] ?? [];
  const alg = jwk.alg === undefined ? (publicJwk.kty === "RSA" ? undefined : allowed[0]) : String(jwk.alg);
  if (alg === undefined) {
    throw refused(`${pointer}/alg`, `An RSA key must state its algorithm: ${allowed.join(", ")}.`);
  }
  if (!allowed.includes(alg)) {
    throw refused(`${pointer}/alg`, `This key cannot be used with ${alg}; use ${allowed.join(" or ")}.`);
  }
  if (jwk.kid !== undefined && (typeof jwk.kid !== "string" || jwk.kid === "" || jwk.kid.length > 256)) {
    throw refused(`${pointer}/kid`, "A kid is a text of 1 to 256 characters.");
  }
  return { kid: typeof jwk.kid === "string" ? jwk.kid : thumbprint(publicJwk), alg, jwk: publicJwk };
}

function publicKeyOf(jwk: Record<string, string>, pointer: string): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw refused(pointer, "This is not a valid public key.", cause);
  }
}

/** RFC 7638: SHA-256 over the required members in order, as base64url. */
function thumbprint(jwk: Record<string, string>): string {
  return createHash("sha256").update(JSON.stringify(jwk), "utf8").digest("base64url");
}

function refused(pointer: string, detail: string, cause?: unknown): ProblemError {
  return new ProblemError("request/invalid", `${pointer}: ${detail}`, {
    cause,
    pointers: [{ pointer, detail }],
  });
}
