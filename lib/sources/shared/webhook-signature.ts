/** Signatures that webhooks carry in their headers, checked over the exact bytes of the body. */
import { createHmac, type KeyObject, timingSafeEqual, verify } from "node:crypto";

/** Headers of a message by lower-case name. */
export type Headers = ReadonlyMap<string, string>;

/** A key that an operator registered: a shared secret, or (for `v1a`) the sender's public key. */
export type WebhookKey = { kid: string; key: KeyObject };

/** Why a signature does not count. `stale` lies outside the tolerated time, in either direction. */
export type WebhookVerdict =
  | { ok: true; kid: string; signedAtMs: number | null }
  | { ok: false; reason: "missing" | "malformed" | "stale" | "mismatch" };

/** Time between signing and arrival that all of these schemes tolerate. */
export const WEBHOOK_TOLERANCE_MS = 5 * 60_000;

/** More signatures and keys than any rotation needs are not tried. */
const MAX_TRIES = 8;

const refuse = (reason: "missing" | "malformed" | "stale" | "mismatch"): WebhookVerdict => ({
  ok: false,
  reason,
});

/**
 * Standard Webhooks: `v1` (HMAC-SHA256, secret keys) and `v1a` (Ed25519, public keys) over
 * `id.timestamp.body`. One valid signature of the list is enough, so that senders can rotate.
 *
 * @param nowMs `null` = it may have been signed at any time
 */
export function verifyStandardWebhook(
  body: Uint8Array,
  headers: Headers,
  keys: readonly WebhookKey[],
  nowMs: number | null,
): WebhookVerdict {
  const id = headers.get("webhook-id");
  const stamp = headers.get("webhook-timestamp");
  const list = headers.get("webhook-signature");
  if (!id || !stamp || !list) return refuse("missing");
  const signedAtMs = secondsOf(stamp);
  // A dot inside the id would let its end be taken for the timestamp.
  if (signedAtMs === null || id.includes(".")) return refuse("malformed");
  if (isStale(signedAtMs, nowMs)) return refuse("stale");
  const content = Buffer.concat([Buffer.from(`${id}.${stamp}.`), body]);
  for (const entry of list.split(" ").slice(0, MAX_TRIES)) {
    const [version, text = ""] = splitOnce(entry, ",");
    const signature = base64Of(text);
    if (signature === null) continue;
    for (const { kid, key } of keys.slice(0, MAX_TRIES)) {
      const valid =
        (version === "v1" && key.type === "secret" && isHmac(content, key, signature)) ||
        (version === "v1a" &&
          isEd25519(key) &&
          signature.byteLength === 64 &&
          verify(null, content, key, signature));
      if (valid) return { ok: true, kid, signedAtMs };
    }
  }
  return refuse("mismatch");
}

/** Tailscale: `Tailscale-Webhook-Signature: t=<seconds>,v1=<hex>`, HMAC-SHA256 over `t.body`. `nowMs: null` = at any time. */
export function verifyTailscale(
  body: Uint8Array,
  headers: Headers,
  keys: readonly WebhookKey[],
  nowMs: number | null,
): WebhookVerdict {
  const header = headers.get("tailscale-webhook-signature");
  if (!header) return refuse("missing");
  const parts = header.split(",").map((part) => splitOnce(part.trim(), "="));
  const stamps = parts.filter(([name]) => name === "t").map(([, value]) => value);
  const [stamp] = stamps;
  const signedAtMs = stamp === undefined || stamps.length > 1 ? null : secondsOf(stamp);
  if (signedAtMs === null) return refuse("malformed");
  if (isStale(signedAtMs, nowMs)) return refuse("stale");
  const content = Buffer.concat([Buffer.from(`${stamp}.`), body]);
  const signatures = parts.filter(([name]) => name === "v1").map(([, value]) => hexOf(value));
  return firstMatch(content, signatures, keys, signedAtMs);
}

/**
 * Smallstep: `X-Smallstep-Signature: <hex>`, HMAC-SHA256 over the body alone.
 *
 * The header says nothing about when: the caller must look at the `timestamp` inside the body.
 */
export function verifySmallstep(
  body: Uint8Array,
  headers: Headers,
  keys: readonly WebhookKey[],
): WebhookVerdict {
  const header = headers.get("x-smallstep-signature");
  if (!header) return refuse("missing");
  const signature = hexOf(header);
  return signature === null ? refuse("malformed") : firstMatch(body, [signature], keys, null);
}

function firstMatch(
  content: Uint8Array,
  signatures: readonly (Buffer | null)[],
  keys: readonly WebhookKey[],
  signedAtMs: number | null,
): WebhookVerdict {
  for (const signature of signatures.slice(0, MAX_TRIES)) {
    if (signature === null) continue;
    const match = keys
      .slice(0, MAX_TRIES)
      .find(({ key }) => key.type === "secret" && isHmac(content, key, signature));
    if (match) return { ok: true, kid: match.kid, signedAtMs };
  }
  return refuse("mismatch");
}

function isHmac(content: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  const expected = createHmac("sha256", key).update(content).digest();
  return signature.byteLength === expected.byteLength && timingSafeEqual(expected, signature);
}

function isEd25519(key: KeyObject): boolean {
  return key.type === "public" && key.asymmetricKeyType === "ed25519";
}

function isStale(signedAtMs: number, nowMs: number | null): boolean {
  return nowMs !== null && Math.abs(nowMs - signedAtMs) > WEBHOOK_TOLERANCE_MS;
}

/** Unix seconds as milliseconds; only plain digits count, so that one instant has one spelling. */
function secondsOf(text: string): number | null {
  return /^[1-9][0-9]{0,11}$/.test(text) ? Number(text) * 1_000 : null;
}

function base64Of(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return text !== "" && bytes.toString("base64") === text ? bytes : null;
}

function hexOf(text: string): Buffer | null {
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : null;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
