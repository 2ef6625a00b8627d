/** Public keys as an operator pastes them: a JWK set, one JWK, or PEM blocks. */

export type PublicJwk = Record<string, unknown>;
/** What was understood, or what is wrong with it. `certificates` says how many keys came in one. */
export type PastedKeys = { keys: PublicJwk[]; certificates: number } | { problem: string };
export type PemBlock = { label: string; text: string };

/** Algorithms that an RSA key can be used with; every other key goes with exactly one. */
export const RSA_ALGORITHMS = ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"] as const;

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
const ALGORITHM_OF_CURVE: Readonly<Record<string, string>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
  Ed25519: "EdDSA",
};
const PRIVATE_PEM = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/;
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const NOTHING_SENT = "Nothing was sent. Paste the public part only";

/** Reads what was pasted. A private key is refused here, before anything leaves the browser. */
export async function readKeys(text: string): Promise<PastedKeys> {
  if (text.trim() === "") return { keys: [], certificates: 0 };
  if (PRIVATE_PEM.test(text)) {
    return {
      problem: `This is a private key. ${NOTHING_SENT}: openssl pkey -in key.pem -pubout prints it.`,
    };
  }
  if (text.includes("-----BEGIN ")) return readPem(text);
  return readJson(text);
}

/** Whether a key can be used with several algorithms and names none. */
export function leavesAlgorithmOpen(key: PublicJwk): boolean {
  return key.kty === "RSA" && key.alg === undefined;
}

/** A key in a few words: `EC P-256, ES256`. */
export function describeKey(key: PublicJwk): string {
  const algorithm = key.alg ?? ALGORITHM_OF_CURVE[String(key.crv)];
  const kind =
    key.kty === "RSA" ? `RSA ${rsaBits(key.n)} bits` : [key.kty, key.crv].filter(Boolean).join(" ");
  return algorithm === undefined ? kind : `${kind}, ${algorithm}`;
}

/** The modulus is big-endian base64url without leading zeros, so its length gives the size. */
function rsaBits(modulus: unknown): number {
  return typeof modulus === "string" ? Math.floor((modulus.length * 3) / 4) * 8 : 0;
}

function readJson(text: string): PastedKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      problem:
        "This is neither JSON nor PEM. Paste a JWK set, one JWK, or blocks that begin with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----.",
    };
  }
  const keys = isObject(value) && Array.isArray(value.keys) ? value.keys : [value];
  if (!keys.every(isObject)) return { problem: 'A JWK set looks like {"keys": [{"kty": …}]}.' };
  for (const [index, key] of keys.entries()) {
    const which = keys.length === 1 ? "The key" : `Key ${index + 1}`;
    const secret = PRIVATE_MEMBERS.find((member) => member in key);
    if (secret) return { problem: `${which} holds a private or secret part (“${secret}”). ${NOTHING_SENT}.` };
    if (typeof key.kty !== "string") return { problem: `${which} has no “kty”, so it is no JWK.` };
  }
  return { keys, certificates: 0 };
}

async function readPem(text: string): Promise<PastedKeys> {
  const blocks = [...text.matchAll(PEM_BLOCK)].map(([block, label = ""]) => ({ label, text: block }));
  if (blocks.length === 0) return { problem: "The PEM block has no end. Paste it with its last line." };
  const wrong = blocks.find(({ label }) => label !== "PUBLIC KEY" && label !== "CERTIFICATE");
  if (wrong?.label === "RSA PUBLIC KEY") {
    return {
      problem:
        "This is an RSA key in the older PKCS #1 form. openssl rsa -RSAPublicKey_in -in key.pem -pubout prints the form that is read here.",
    };
  }
  if (wrong) return { problem: `A block “${wrong.label}” is no public key and no certificate.` };
  if (globalThis.crypto?.subtle === undefined) {
    return { problem: "The browser reads PEM over https or on this machine only. Paste a JWK set instead." };
  }
  const { jwkOfPem } = await import("./pem-keys.ts");
  const keys: PublicJwk[] = [];
  for (const [index, block] of blocks.entries()) {
    const key = await jwkOfPem(block);
    if (!key) {
      const which = blocks.length === 1 ? "The block" : `Block ${index + 1}`;
      return {
        problem: `${which} holds no key that can be used: it takes RSA, EC on P-256, P-384 or P-521, or Ed25519.`,
      };
    }
    keys.push(key);
  }
  return { keys, certificates: blocks.filter(({ label }) => label === "CERTIFICATE").length };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
