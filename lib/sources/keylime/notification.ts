/** The webhook body of Keylime's revocation notifier: JSON in JSON in JSON. */
import { constants, verify } from "node:crypto";
import { z } from "zod";
import type { PinnedKey, SignatureStatus } from "#lib/sources/contract";
import { JsonError, parseJson } from "#lib/sources/shared/json";
import { Refusal, readJson } from "#lib/sources/shared/refusal";
import { clip, isIdentityText } from "#lib/sources/shared/text";

const MAX_TRIED_KEYS = 8;

const Body = z.object({ msg: z.string().min(1), signature: z.string() });

const Text = z.string().max(512);
/** Fields that carry no meaning for a verdict (`ip`, `port`, `tpm_policy`, `meta_data`) are not read. */
const Notification = z.object({
  type: z.enum(["revocation", "comm_error"]),
  agent_id: z.unknown().optional(),
  event_time: Text.nullish(),
  event_id: Text.refine(isIdentityText, "is not a printable text").nullish(),
  severity_label: Text.nullish(),
  context: z.unknown().optional(),
});

export type Notification = {
  type: "revocation" | "comm_error";
  agentId: string;
  /** `null` when no failure event is attached. */
  eventId: string | null;
  severity: string | null;
  /** Verifier-local time as it was written: no zone, one second resolution. */
  eventTime: string | null;
  context: EventContext;
};

/** What the verifier says about the failure; every member is `null` when it does not. */
export type EventContext = { got: string | null; expected: string | null; message: string | null };

/** Split the body and prove where it comes from. */
export function openBody(
  body: Uint8Array,
  keys: readonly PinnedKey[],
): { msg: string; signature: SignatureStatus } {
  const parsed = Body.safeParse(readJson(body, "the body", { integers: "text" }));
  if (!parsed.success) throw new Refusal("malformed", "the body is not an object with msg and signature");
  const { msg, signature } = parsed.data;
  return { msg, signature: verifySignature(msg, signature, keys) };
}

/**
 * RSASSA-PSS with SHA-256 over the exact text of `msg` (Keylime `crypto.py:rsa_sign`).
 *
 * Keylime signs only for agents that were enrolled with a certificate payload, so the transport has
 * to vouch for all others. Once a key is registered, a missing signature is a bad one: otherwise
 * leaving it out would be the way around it.
 */
function verifySignature(msg: string, signature: string, keys: readonly PinnedKey[]): SignatureStatus {
  if (keys.length === 0) return { status: "unsigned_transport_auth" };
  const candidates = keys.filter(({ alg, key }) => alg === "PS256" && key.asymmetricKeyType === "rsa");
  if (candidates.length === 0) throw new Refusal("key", "no registered key is an RSA key for PS256");
  if (signature === "") throw new Refusal("signature", "a key is registered, but the message is not signed");
  const bytes = Buffer.from(signature, "base64");
  if (bytes.toString("base64") !== signature) throw new Refusal("signature", "the signature is not base64");
  const data = Buffer.from(msg, "utf8");
  for (const { key, kid, alg } of candidates.slice(0, MAX_TRIED_KEYS)) {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const options = { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
    if (verify("sha256", data, options, bytes)) return { status: "verified", kid, alg };
  }
  throw new Refusal("signature", "the signature does not verify with any registered key");
}

/** @throws {Refusal} when `msg` is no notification of Keylime, or names no agent */
export function readNotification(msg: string): Notification {
  const parsed = Notification.safeParse(readJson(msg, "msg", { integers: "text" }));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Refusal(
      "claims",
      `msg: ${issue?.path.join(".") || "content"}: ${issue?.message ?? "is wrong"}`,
    );
  }
  const { type, agent_id, event_id, severity_label, event_time, context } = parsed.data;
  if (agent_id === undefined || agent_id === null) {
    throw new Refusal("claims", "msg names no agent_id", "event/unknown-node");
  }
  if (typeof agent_id !== "string" || !isIdentityText(agent_id)) {
    throw new Refusal("claims", "agent_id is not a text of 1 to 256 printable characters");
  }
  return {
    type,
    agentId: agent_id,
    eventId: event_id ?? null,
    severity: severity_label ?? null,
    eventTime: event_time ?? null,
    context: readContext(context),
  };
}

/**
 * The third decode, as far as it goes.
 *
 * A context quotes the node: names of files, for one. If something unreadable in it could refuse the
 * notification, a node could silence its own alarm by naming a file cleverly.
 */
function readContext(context: unknown): EventContext {
  const none = { got: null, expected: null, message: null };
  if (typeof context !== "string" || context === "") return none;
  let value: unknown;
  try {
    value = parseJson(context, { integers: "text" });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { ...none, message: `unreadable context: ${clip(context, 300)}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ...none, message: wording(value) };
  }
  const { got, expected, message, context: inner, reason, path } = value as Record<string, unknown>;
  const words = [message, inner, reason, path].map(wording).filter((text) => text !== null);
  return { got: wording(got), expected: wording(expected), message: words.join("; ") || null };
}

function wording(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return clip(value, 512);
  const scalars = Array.isArray(value) && value.every((item) => typeof item !== "object");
  return clip(scalars ? value.join(", ") : JSON.stringify(value), 512);
}
