/** DSSE envelopes (secure-systems-lab/dsse, protocol 1.0), verified with registered keys only. */
import { constants, verify } from "node:crypto";
import { z } from "zod";
import type { PinnedKey, SignatureStatus } from "#lib/sources/contract";
import { Refusal, readJson } from "#lib/sources/shared/refusal";

const MAX_SIGNATURES = 16;
/** Keys that are tried for one signature, at most. */
const MAX_TRIED_KEYS = 8;

const Envelope = z.object({
  payloadType: z.string().min(1).max(256),
  payload: z.string(),
  signatures: z
    .array(z.object({ keyid: z.string().nullish(), sig: z.string().min(1).max(4096) }))
    .min(1)
    .max(MAX_SIGNATURES),
});

type Scheme = { hash: string | null; padding?: number };
const PSS = constants.RSA_PKCS1_PSS_PADDING;
/** How a signature of each registered algorithm is checked; other algorithms are refused. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ["EdDSA", { hash: null }],
  ["Ed25519", { hash: null }],
  ["ES256", { hash: "sha256" }],
  ["ES384", { hash: "sha384" }],
  ["ES512", { hash: "sha512" }],
  ["PS256", { hash: "sha256", padding: PSS }],
  ["PS384", { hash: "sha384", padding: PSS }],
  ["PS512", { hash: "sha512", padding: PSS }],
]);

export type VerifiedEnvelope = {
  payload: Uint8Array;
  signature: Extract<SignatureStatus, { status: "verified" }>;
};

/**
 * Read an envelope and verify that at least one of its signatures is by a registered key.
 *
 * A `keyid` is a hint that nothing protects: it only says which key to try.
 *
 * @throws {Refusal} `malformed` for the form; `key` when nothing is registered; `algorithm` when no
 *   registered key is for a supported algorithm; `signature` when none verifies; `claims` when the
 *   signed type is another than `payloadType`
 */
export function openEnvelope(
  body: Uint8Array,
  payloadType: string,
  keys: readonly PinnedKey[],
): VerifiedEnvelope {
  const envelope = Envelope.safeParse(readJson(body, "the envelope"));
  if (!envelope.success) throw new Refusal("malformed", "the message is not a DSSE envelope");
  const { payloadType: type, payload: encoded, signatures } = envelope.data;
  const payload = bytesOf(encoded);
  const signed = signatures.map(({ keyid, sig }) => ({ keyid: keyid ?? "", sig: bytesOf(sig) }));
  if (keys.length === 0) throw new Refusal("key", "no key is registered for this source");
  const usable = keys.filter(({ alg }) => SCHEMES.has(alg));
  if (usable.length === 0) {
    throw new Refusal("algorithm", "no registered key is for Ed25519, ECDSA or RSA-PSS");
  }
  const message = preAuthEncoding(type, payload);
  for (const { keyid, sig } of signed) {
    const named = usable.filter(({ kid }) => kid === keyid);
    const candidates = (named.length > 0 ? named : usable).slice(0, MAX_TRIED_KEYS);
    const key = candidates.find((candidate) => verifies(candidate, message, sig));
    if (key === undefined) continue;
    if (type !== payloadType) throw new Refusal("claims", `the signed payload is not ${payloadType}`);
    return { payload, signature: { status: "verified", kid: key.kid, alg: key.alg } };
  }
  throw new Refusal("signature", "no signature verifies with a registered key");
}

/** PAE: what is signed is the type and the payload, each with its length, so that none can pass for another. */
export function preAuthEncoding(type: string, payload: Uint8Array): Buffer {
  const typeBytes = Buffer.from(type);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${typeBytes.byteLength} `),
    typeBytes,
    Buffer.from(` ${payload.byteLength} `),
    payload,
  ]);
}

function verifies({ key, alg }: PinnedKey, message: Buffer, sig: Buffer): boolean {
  const { hash, padding } = SCHEMES.get(alg) ?? { hash: null };
  if (padding !== undefined) {
    return attempt(() =>
      verify(hash, message, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, sig),
    );
  }
  if (hash === null) return attempt(() => verify(null, message, key, sig));
  // The protocol leaves the form of ECDSA signatures open; both are in use.
  return (["der", "ieee-p1363"] as const).some((dsaEncoding) =>
    attempt(() => verify(hash, message, { key, dsaEncoding }, sig)),
  );
}

/** Only success counts; a key of the wrong kind fails like a wrong signature. */
function attempt(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** Standard or URL-safe base64, with or without padding (DSSE, section "JSON Envelope"). */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  const plain = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/={0,2}$/, "");
  if (bytes.toString("base64").replace(/=+$/, "") !== plain) {
    throw new Refusal("malformed", "the envelope holds something that is not base64");
  }
  return bytes;
}
