/**
 * Signed documents at rest: DSSE envelopes with Ed25519.
 *
 * An envelope names the type of its payload and signs both, so that a document of one type is never
 * taken for one of another.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** As DSSE writes it in JSON; `payload` and `sig` are base64. */
export type Envelope = {
  payloadType: string;
  payload: string;
  signatures: readonly { keyid: string; sig: string }[];
};

/** A public key that an envelope may be signed with, SPKI in DER. */
export type PublicKey = { kid: string; publicKey: Uint8Array };

/** What is signed: the pre-authentication encoding of DSSE 1. Lengths are in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head, "utf8"), payload]);
}

/** The name of a public key: SHA-256 of its SPKI in hex. */
export function kidOf(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex");
}

export function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  key: { kid: string; privateKey: KeyObject },
): Envelope {
  const sig = sign(null, preAuthEncoding(payloadType, payload), key.privateKey).toString("base64");
  return {
    payloadType,
    payload: Buffer.from(payload).toString("base64"),
    signatures: [{ keyid: key.kid, sig }],
  };
}

/**
 * The payload of an envelope, when one of the keys signed it as this type.
 *
 * Total: whatever stands in the database is judged, nothing throws. A key counts only under the name
 * that its own bytes give it.
 *
 * @returns `null` for anything else
 */
export function openEnvelope(
  envelope: unknown,
  payloadType: string,
  keys: readonly PublicKey[],
): Buffer | null {
  if (!isEnvelope(envelope) || envelope.payloadType !== payloadType) return null;
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = preAuthEncoding(payloadType, payload);
  const holds = envelope.signatures.some(({ keyid, sig }) => {
    const key = keys.find(({ kid }) => kid === keyid);
    if (!key || kidOf(key.publicKey) !== key.kid) return false;
    try {
      const spki = { key: Buffer.from(key.publicKey), format: "der", type: "spki" } as const;
      return verify(null, signed, createPublicKey(spki), Buffer.from(sig, "base64"));
    } catch {
      return false;
    }
  });
  return holds ? payload : null;
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null) return false;
  const { payloadType, payload, signatures } = value as Partial<Record<keyof Envelope, unknown>>;
  if (typeof payloadType !== "string" || typeof payload !== "string") return false;
  return Array.isArray(signatures) && signatures.every(isSignature);
}

function isSignature(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { keyid, sig } = value as { keyid?: unknown; sig?: unknown };
  return typeof keyid === "string" && typeof sig === "string";
}
