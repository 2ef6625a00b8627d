/** Standard Webhooks signatures: `v1` with a shared secret, `v1a` with an Ed25519 key. */
import { createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";

/** DER before the 32 bytes of a raw Ed25519 key. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

const bytesOf = (text: string) => Buffer.from(text.replace(/^wh(sec|sk)_/, ""), "base64");

/** `null` for what is no `whsk_` key of 32 (seed) or 64 bytes (seed and public key). */
function privateKeyOf(text: string): KeyObject | null {
  const bytes = bytesOf(text);
  if (!text.startsWith("whsk_") || (bytes.byteLength !== 32 && bytes.byteLength !== 64)) return null;
  const der = Buffer.concat([PRIVATE_PREFIX, bytes.subarray(0, 32)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

export function isSigningSecret(text: string): boolean {
  if (text.startsWith("whsk_")) return privateKeyOf(text) !== null;
  const { byteLength } = bytesOf(text);
  return text.startsWith("whsec_") && byteLength >= 24 && byteLength <= 64;
}

/** The headers of a message: a signature with each secret, so that receivers may hold an old or a new one. */
export function signaturesOf(
  secrets: readonly string[],
  id: string,
  nowMs: number,
  body: string,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const content = Buffer.from(`${id}.${timestamp}.${body}`, "utf8");
  const signatures = secrets.map((secret) => {
    const key = privateKeyOf(secret);
    return key
      ? `v1a,${sign(null, content, key).toString("base64")}`
      : `v1,${createHmac("sha256", bytesOf(secret)).update(content).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
