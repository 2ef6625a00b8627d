/** Builders for the tests of the source folders: keys, tokens, messages, and a comparable form of results. */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import type {
  Interpretation,
  InterpretContext,
  Message,
  PinnedKey,
  SourceSettings,
} from "#lib/sources/contract";

export type SigningKey = { alg: string; privateKey: CryptoKey; jwk: JsonWebKey; pinned: PinnedKey };

/** A fresh key pair; the public half is ready to be pinned. */
export async function newSigningKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = (await exportJWK(publicKey)) as JsonWebKey;
  return { alg, privateKey, jwk, pinned: { kid, alg, key: publicKeyOf(jwk) } };
}

export function publicKeyOf(jwk: JsonWebKey): KeyObject {
  return createPublicKey({ key: jwk, format: "jwk" });
}

/** A compact JWS around a payload, which is serialised unless it is text already. */
export async function sign(key: SigningKey, payload: unknown, header: object = {}): Promise<string> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return await new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: key.alg, ...header })
    .sign(key.privateKey);
}

export function messageOf(body: string | Uint8Array, rest: Partial<Message> = {}): Message {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { body: bytes, mediaType: "application/json", subject: null, ...rest };
}

/** 2026-11-22T12:00:00Z: "now" in these tests. */
export const NOW_MS = 1_795_348_800_000;

export type ContextOptions = Partial<Omit<InterpretContext, "settings">> & {
  settings?: Partial<SourceSettings>;
};

/** A context with a five minute window on either side of {@link NOW_MS}, unless said otherwise. */
export function contextOf({ settings, ...rest }: ContextOptions = {}): InterpretContext {
  return {
    keys: [],
    nowMs: NOW_MS,
    backfill: false,
    ...rest,
    settings: { nodeIdPointer: null, acceptPastMs: 300_000, acceptFutureMs: 300_000, ...settings },
  };
}

/** An interpretation as plain JSON: raw bytes become their digest. */
export function comparable({ items, rejections }: Interpretation): unknown {
  const plain = {
    items: items.map(({ raw, ...item }) => ({ ...item, rawSha256: sha256(raw) })),
    rejections: rejections.map(({ raw, ...rejection }) => ({ ...rejection, rawSha256: sha256(raw) })),
  };
  return JSON.parse(JSON.stringify(plain));
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
