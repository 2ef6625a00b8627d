/** Compact JWS (RFC 7515), verified with nothing but the keys that an operator registered. */
import type { PinnedKey, SignatureStatus } from "#lib/sources/contract";
import { Refusal, readJson } from "./refusal.ts";
import { isSignedBy } from "./signature.ts";

/** Keys that are tried for one signature, at most. */
const MAX_TRIED_KEYS = 8;

export type VerifiedJws = {
  payload: Uint8Array;
  /** The compact token itself, without surrounding white space. */
  raw: Uint8Array;
  signature: Extract<SignatureStatus, { status: "verified" }>;
};

/**
 * Read and verify one compact JWS.
 *
 * The order of the checks is fixed: form, algorithm, key, signature. A key inside the token (`jwk`,
 * `jku`, `x5c`, `x5u`) proves nothing and is never looked at.
 *
 * @throws {Refusal} `malformed` for the form; `algorithm` when the header names no signature
 *   algorithm of a registered key, or a symmetric one, or none; `key` when nothing is registered;
 *   `signature` when no candidate key verifies it
 */
export async function verifyJws(body: Uint8Array, keys: readonly PinnedKey[]): Promise<VerifiedJws> {
  const { token, raw } = readToken(body);
  const { alg, kid } = readHeader(token);
  const candidates = candidateKeys(keys, alg, kid);
  const { signed, payload, signature } = partsOf(token, raw);
  for (const { key, kid, alg } of candidates) {
    // Only success counts: another key may still verify, and every failure means the same.
    if (await isSignedBy(key, alg, signed, signature)) {
      return { payload, raw, signature: { status: "verified", kid, alg } };
    }
  }
  throw new Refusal("signature", "the signature does not verify with any registered key");
}

function readToken(body: Uint8Array): { token: string; raw: Uint8Array } {
  let start = 0;
  let end = body.byteLength;
  while (start < end && isSpace(body[start])) start += 1;
  while (end > start && isSpace(body[end - 1])) end -= 1;
  const raw = body.subarray(start, end);
  const token = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");
  const parts = token.split(".");
  if (parts.length !== 3 || parts[0] === "" || parts[1] === "" || !parts.every(isBase64Url)) {
    throw new Refusal("malformed", "the message is not a compact JWS of three base64url parts");
  }
  return { token, raw };
}

/** What is signed is the text of the first two parts, exactly as it was sent (RFC 7515 §5.2). */
function partsOf(token: string, raw: Uint8Array) {
  const first = token.indexOf(".");
  const second = token.lastIndexOf(".");
  return {
    signed: raw.subarray(0, second),
    payload: Buffer.from(token.slice(first + 1, second), "base64url"),
    signature: Buffer.from(token.slice(second + 1), "base64url"),
  };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Canonical base64url: unused bits are zero, so one value has one spelling. */
function isBase64Url(part: string): boolean {
  return /^[A-Za-z0-9_-]*$/.test(part) && Buffer.from(part, "base64url").toString("base64url") === part;
}

function readHeader(token: string): { alg: string; kid: string | null } {
  const bytes = Buffer.from(token.slice(0, token.indexOf(".")), "base64url");
  const header = readJson(bytes, "the JWS header");
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new Refusal("malformed", "the JWS header is not an object");
  }
  const { alg, kid, crit, b64 } = header as Record<string, unknown>;
  if (crit !== undefined || b64 !== undefined) {
    throw new Refusal("malformed", "the JWS header asks for extensions that are not supported");
  }
  if (typeof alg !== "string") throw new Refusal("malformed", "the JWS header names no algorithm");
  if (kid !== undefined && typeof kid !== "string") {
    throw new Refusal("malformed", "the key id in the JWS header is not a string");
  }
  return { alg, kid: kid ?? null };
}

function candidateKeys(keys: readonly PinnedKey[], alg: string, kid: string | null): readonly PinnedKey[] {
  if (/^(none|HS.*)$/i.test(alg))
    throw new Refusal("algorithm", "the token is unsigned or uses a shared secret");
  if (keys.length === 0) throw new Refusal("key", "no key is registered for this source");
  const named = keys.filter((key) => key.kid === kid);
  const usable = (named.length > 0 ? named : keys).filter((key) => key.alg === alg);
  if (usable.length === 0) {
    throw new Refusal("algorithm", "the token's algorithm is not that of a registered key");
  }
  return usable.slice(0, MAX_TRIED_KEYS);
}
