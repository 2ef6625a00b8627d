import { generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { CompactSign } from "jose";
import { describe, expect, it } from "vitest";
import { isSignedBy } from "./signature.ts";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = (namedCurve: string) => () => generateKeyPairSync("ec", { namedCurve });
const ed = () => generateKeyPairSync("ed25519");

const KINDS = [
  ["ES256", ec("P-256")],
  ["ES384", ec("P-384")],
  ["ES512", ec("P-521")],
  ["PS256", rsa],
  ["PS384", rsa],
  ["PS512", rsa],
  ["RS256", rsa],
  ["RS384", rsa],
  ["RS512", rsa],
  ["EdDSA", ed],
  ["Ed25519", ed],
] as const;

type Signed = { bytes: Buffer; signature: Buffer };

async function sign(alg: string, key: KeyObject, text = "{}"): Promise<Signed> {
  const token = await new CompactSign(Buffer.from(text)).setProtectedHeader({ alg }).sign(key);
  const at = token.lastIndexOf(".");
  return { bytes: Buffer.from(token.slice(0, at)), signature: Buffer.from(token.slice(at + 1), "base64url") };
}

/** One of about 256 signatures begins with a zero. */
async function signedWithZero(alg: string, key: KeyObject): Promise<Signed> {
  for (let n = 0; ; n += 1) {
    const signed = await sign(alg, key, `{"n":${n}}`);
    if (signed.signature[0] === 0) return signed;
  }
}

describe("isSignedBy", () => {
  it.each(KINDS)("agrees with an independent signer about %s", async (alg, keyPair) => {
    const { publicKey, privateKey } = keyPair();
    const { bytes, signature } = await sign(alg, privateKey);
    expect(await isSignedBy(publicKey, alg, bytes, signature)).toBe(true);
    expect(await isSignedBy(publicKey, alg, Buffer.concat([bytes, bytes]), signature)).toBe(false);
    expect(await isSignedBy(publicKey, alg, bytes, signature.subarray(1))).toBe(false);
    expect(await isSignedBy(publicKey, alg, bytes, Buffer.alloc(0))).toBe(false);
  });

  it.each(["PS256", "PS384", "PS512", "RS256"])(
    "refuses a signature by %s without the zero that it begins with",
    async (alg) => {
      const { publicKey, privateKey } = rsa();
      const { bytes, signature } = await signedWithZero(alg, privateKey);
      expect(await isSignedBy(publicKey, alg, bytes, signature)).toBe(true);
      expect(await isSignedBy(publicKey, alg, bytes, signature.subarray(1))).toBe(false);
      expect(await isSignedBy(publicKey, alg, bytes, Buffer.concat([Buffer.alloc(1), signature]))).toBe(
        false,
      );
    },
  );

  it("gives a key of another kind, or an algorithm that it does not know, no chance", async () => {
    const p384 = ec("P-384")();
    const { bytes, signature } = await sign("ES384", p384.privateKey);
    for (const alg of ["ES256", "EdDSA", "PS384", "HS384", "none", ""]) {
      expect(await isSignedBy(p384.publicKey, alg, bytes, signature)).toBe(false);
    }
  });

  it("refuses RSA keys that are too short, whatever they signed", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const bytes = Buffer.from("x");
    expect(await isSignedBy(publicKey, "RS256", bytes, signBytes("sha256", bytes, privateKey))).toBe(false);
  });
});
