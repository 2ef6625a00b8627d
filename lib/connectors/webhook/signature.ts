/** Standard Webhooks signatures: `v1` with a shared secret, `v1a` with an Ed25519 key. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

const TOLERANCE_SECONDS = 300;
/** DER before the 32 bytes of a raw Ed25519 key. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

export type SignedHeaders = { id: string; timestamp: string; signature: string };

const contentOf = (id: string, timestamp: string, body: string) => `${id}.${timestamp}.${body}`;
const secretOf = (text: string) => Buffer.from(text.replace(/^whsec_/, ""), "base64");

/** `null` for what is no `whsk_` key of 32 (seed) or 64 bytes (seed and public key). */
export function privateKeyOf(text: string): KeyObject | null {
  const bytes = Buffer.from(text.replace(/^whsk_/, ""), "base64");
  if (!text.startsWith("whsk_") || (bytes.byteLength !== 32 && bytes.byteLength !== 64)) return null;
  const der = Buffer.concat([PRIVATE_PREFIX, bytes.subarray(0, 32)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

/** `null` for what is no `whpk_` key of 32 bytes. */
function publicKeyOf(text: string): KeyObject | null {
  const bytes = Buffer.from(text.replace(/^whpk_/, ""), "base64");
  if (!text.startsWith("whpk_") || bytes.byteLength !== 32) return null;
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: "der", type: "spki" });
}

/** @param secret `whsec_…` signs v1, `whsk_…` signs v1a */
export function signWebhook(secret: string, id: string, nowMs: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const content = Buffer.from(contentOf(id, timestamp, body), "utf8");
  const key = privateKeyOf(secret);
  const signature = key
    ? `v1a,${sign(null, content, key).toString("base64")}`
    : `v1,${createHmac("sha256", secretOf(secret)).update(content).digest("base64")}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
}

/**
 * Whether one of the signatures is right and not older or newer than five minutes.
 *
 * @param key `whsec_…` for v1, `whpk_…` for v1a; a signature of the other kind counts for nothing
 */
export function verifyWebhook(key: string, headers: SignedHeaders, body: string, nowMs: number): boolean {
  if (!/^\d{1,12}$/.test(headers.timestamp)) return false;
  if (Math.abs(nowMs / 1_000 - Number(headers.timestamp)) > TOLERANCE_SECONDS) return false;
  const content = Buffer.from(contentOf(headers.id, headers.timestamp, body), "utf8");
  const publicKey = publicKeyOf(key);
  const scheme = publicKey ? "v1a," : "v1,";
  return headers.signature
    .split(" ")
    .slice(0, 10)
    .filter((part) => part.startsWith(scheme))
    .map((part) => Buffer.from(part.slice(scheme.length), "base64"))
    .some((given) => {
      if (publicKey) return given.byteLength === 64 && verify(null, content, publicKey, given);
      const expected = createHmac("sha256", secretOf(key)).update(content).digest();
      return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
    });
}
