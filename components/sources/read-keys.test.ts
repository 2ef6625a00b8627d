import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { describeKey, leavesAlgorithmOpen, type PastedKeys, readKeys } from "./read-keys.ts";

const KEY = { kty: "EC", crv: "P-256", x: "x", y: "y" };
const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = (key: KeyObject) => key.export({ format: "pem", type: "spki" }).toString();

/** CN=verifier.example, made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256`. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBjTCCATOgAwIBAgIUJ6Ix3CQkyjtG1G55D+GGboyVDQwwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQdmVyaWZpZXIuZXhhbXBsZTAgFw0yNjExMjIwNDA0MTJaGA8y
MTI2MTAyOTA0MDQxMlowGzEZMBcGA1UEAwwQdmVyaWZpZXIuZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABHrcPxfl+QQHY43F/UNHlhKmXg1YfVXvoCEw
v7AZceuumrXrQrcbdHRKsZuRR7DpmW2hjvQzuNykLAWAEhEgHXKjUzBRMB0GA1Ud
DgQWBBQiLhYc/TaAQX1/syfvaYQDq+pcBjAfBgNVHSMEGDAWgBQiLhYc/TaAQX1/
syfvaYQDq+pcBjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIEmj
CuELkqBB+JKzZlDdQSdoToS0BAQ06Zp7Kauha8jOAiEAlA2fpBV8Z3pEiFU9lyou
feGiTCDuMVtUuZGdG9D74bk=
-----END CERTIFICATE-----`;

function keysOf(read: PastedKeys) {
  if ("problem" in read) throw new Error(read.problem);
  return read.keys;
}

test("a JWK set, one JWK, or nothing is taken", async () => {
  expect(await readKeys("  ")).toEqual({ keys: [], certificates: 0 });
  expect(keysOf(await readKeys(JSON.stringify({ keys: [KEY] })))).toEqual([KEY]);
  expect(keysOf(await readKeys(JSON.stringify(KEY)))).toEqual([KEY]);
});

describe("PEM", () => {
  test.each([
    ["P-256", ec("P-256").publicKey, "EC P-256, ES256"],
    ["P-384", ec("P-384").publicKey, "EC P-384, ES384"],
    ["P-521", ec("P-521").publicKey, "EC P-521, ES512"],
    ["Ed25519", generateKeyPairSync("ed25519").publicKey, "OKP Ed25519, EdDSA"],
    ["RSA", rsa.publicKey, "RSA 2048 bits"],
  ])("gives the same key as a JWK of %s", async (_type, key, words) => {
    const [jwk = {}] = keysOf(await readKeys(`Subject: x\r\n${pem(key).replaceAll("\n", "\r\n")}`));
    expect(jwk).toEqual(key.export({ format: "jwk" }));
    expect(describeKey(jwk)).toBe(words);
    expect(leavesAlgorithmOpen(jwk)).toBe(key === rsa.publicKey);
  });

  test("of a certificate gives the key in it, and says that it was one", async () => {
    const read = await readKeys(`${CERTIFICATE}\n${pem(rsa.publicKey)}`);
    expect(read).toMatchObject({
      certificates: 1,
      keys: [{ kty: "EC", crv: "P-256", x: "etw_F-X5BAdjjcX9Q0eWEqZeDVh9Ve-gITC_sBlx664" }, { kty: "RSA" }],
    });
  });

  test.each([
    ["a curve that does not sign", pem(generateKeyPairSync("x25519").publicKey), /holds no key/],
    ["a curve that is not taken", pem(ec("secp256k1").publicKey), /holds no key/],
    ["the second of two", `${pem(rsa.publicKey)}${pem(ec("secp256k1").publicKey)}`, /^Block 2/],
    ["bytes that are none", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", /holds no key/],
    ["a cut block", pem(rsa.publicKey).slice(0, 200), /no end/],
    [
      "PKCS #1",
      rsa.publicKey.export({ format: "pem", type: "pkcs1" }).toString(),
      /openssl rsa -RSAPublicKey_in/,
    ],
    ["something else", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----", /X509 CRL/],
  ])("with %s is answered with what is wrong", async (_what, text, words) => {
    expect(await readKeys(text)).toEqual({ problem: expect.stringMatching(words) });
  });
});

describe("private keys never leave the browser:", () => {
  const ecKey = ec("P-256").privateKey;
  test.each([
    ["a JWK", JSON.stringify({ ...KEY, d: "d" })],
    ["one of a set", JSON.stringify({ keys: [KEY, { kty: "oct", k: "k" }] })],
    ["PKCS #8", ecKey.export({ format: "pem", type: "pkcs8" }).toString()],
    ["SEC 1", ecKey.export({ format: "pem", type: "sec1" }).toString()],
    [
      "an encrypted one",
      ecKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "p" }).toString(),
    ],
    ["one behind its certificate", `${CERTIFICATE}\n${ecKey.export({ format: "pem", type: "pkcs8" })}`],
    ["a cut one", "-----BEGIN RSA PRIVATE KEY-----\nAAAA"],
    ["one inside JSON", JSON.stringify({ key: ecKey.export({ format: "pem", type: "pkcs8" }) })],
  ])("%s", async (_what, text) => {
    expect(await readKeys(text)).toEqual({ problem: expect.stringContaining("Nothing was sent") });
  });
});

test("anything else is answered with what is wrong", async () => {
  for (const text of ["ssh-rsa AAAA", "[]", "null", '{"keys":[1]}', "{}"]) {
    expect(await readKeys(text)).toHaveProperty("problem");
  }
});

test("an RSA key that names its algorithm leaves nothing open", () => {
  expect(leavesAlgorithmOpen({ kty: "RSA", alg: "PS256" })).toBe(false);
  expect(describeKey({ kty: "EC", crv: "P-256", alg: "ES256" })).toBe("EC P-256, ES256");
});
