/** Builders for the tests of the source folders: keys, tokens, messages, and a comparable form of results. */
import {
  constants,
  createHash,
  createPublicKey,
  type JsonWebKey,
  KeyObject,
  sign as signBytes,
} from "node:crypto";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import type { Verdict } from "#lib/domain/verdict";
import type {
  Interpretation,
  InterpretContext,
  Message,
  PinnedKey,
  Source,
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

/** A DSSE envelope around a payload, with one signature by each key. */
export function signEnvelope(
  keys: readonly SigningKey[],
  payload: unknown,
  { type = "application/vnd.in-toto+json", keyid = "" } = {},
): string {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const pae = Buffer.from(
    `DSSEv1 ${Buffer.byteLength(type)} ${type} ${Buffer.byteLength(text)} ${text}`,
    "utf8",
  );
  const signatures = keys.map(({ alg, privateKey }) => {
    const key = KeyObject.from(privateKey);
    const hash = /^Ed/.test(alg) ? null : `sha${alg.slice(2)}`;
    const padding = /^PS/.test(alg) ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
    return { keyid, sig: signBytes(hash, pae, { key, ...padding }).toString("base64") };
  });
  return JSON.stringify({ payload: Buffer.from(text).toString("base64"), payloadType: type, signatures });
}

export function messageOf(body: string | Uint8Array, rest: Partial<Message> = {}): Message {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { body: bytes, mediaType: "application/json", subject: null, headers: new Map(), ...rest };
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

/** The verdicts of an interpretation that refused nothing. */
export function verdictsIn({ items, rejections }: Interpretation): Verdict[] {
  if (rejections.length > 0) throw new Error(`${rejections[0]?.code}: ${rejections[0]?.detail}`);
  return items.flatMap((item) => (item.kind === "verdict" ? [item.verdict] : []));
}

/** Category and code of the first refusal; throws when something was accepted. */
export function refusalIn({ items, rejections: [first] }: Interpretation): string {
  if (items.length > 0 || first === undefined) throw new Error("nothing was refused");
  return `${first.category} ${first.code}`;
}

export type TesterOptions = ContextOptions & {
  subject?: string | null;
  /** Key that signs; the pinned one unless said otherwise. */
  by?: SigningKey;
};

/**
 * Sends one source whatever `wrap` makes of a payload, by a key that is pinned.
 *
 * @param key made when first needed
 * @param subject node that messages are about unless a test says otherwise
 */
export function sourceTester<P>(
  source: Source,
  subject: string | null,
  key: Promise<SigningKey>,
  wrap: (key: SigningKey, payload: P) => Promise<string> | string,
) {
  const interpret = async (payload: P, options: TesterOptions = {}): Promise<Interpretation> => {
    const { by, subject: named = subject, ...context } = options;
    const pinned = await key;
    const body = await wrap(by ?? pinned, payload);
    return source.interpret(
      messageOf(body, { subject: named }),
      contextOf({ keys: [pinned.pinned], ...context }),
    );
  };
  const verdicts = async (payload: P, options?: TesterOptions) =>
    verdictsIn(await interpret(payload, options));
  return {
    interpret,
    verdicts,
    refusal: async (payload: P, options?: TesterOptions) => refusalIn(await interpret(payload, options)),
    async verdict(payload: P, options?: TesterOptions): Promise<Verdict> {
      const [first] = await verdicts(payload, options);
      if (first === undefined) throw new Error("no verdict");
      return first;
    },
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
