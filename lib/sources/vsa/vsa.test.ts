import { createPublicKey } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { summaryStatement } from "#tests/fixtures/verifier-claims";
import {
  type ContextOptions,
  contextOf,
  messageOf,
  newSigningKey,
  refusalIn,
  type SigningKey,
  sign,
  signEnvelope,
  sourceTester,
  verdictsIn,
} from "#tests/source-testing";
import { openEnvelope, preAuthEncoding } from "./dsse.ts";
import { vsaSource } from "./index.ts";

let key: SigningKey;

beforeAll(async () => {
  key = await newSigningKey("k");
});

const pinned = newSigningKey("k");
const { verdict, refusal } = sourceTester<unknown>(vsaSource, "node-17", pinned, (by, statement) =>
  signEnvelope([by], statement),
);
const deliver = async (body: string, options: ContextOptions = {}) =>
  vsaSource.interpret(messageOf(body, { subject: "node-17" }), contextOf({ keys: [key.pinned], ...options }));
const changed = (change: (envelope: Record<string, unknown>) => void) => {
  const envelope = JSON.parse(signEnvelope([key], summaryStatement()));
  change(envelope);
  return JSON.stringify(envelope);
};

describe("the envelope", () => {
  it("encodes type and payload as the protocol's example says", () => {
    const type = "http://example.com/HelloWorld";
    expect(preAuthEncoding(type, Buffer.from("hello world")).toString()).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
    expect(preAuthEncoding("ü", Buffer.from("é")).toString()).toBe("DSSEv1 2 ü 2 é");
  });

  it("verifies the protocol's own test vector", () => {
    const point = (decimal: string) => Buffer.from(BigInt(decimal).toString(16).padStart(64, "0"), "hex");
    const jwk = {
      kty: "EC",
      crv: "P-256",
      x: point("46950820868899156662930047687818585632848591499744589407958293238635476079160").toString(
        "base64url",
      ),
      y: point("5640078356564379163099075877009565129882514886557779369047442380624545832820").toString(
        "base64url",
      ),
    };
    const pinned = { kid: "e", alg: "ES256", key: createPublicKey({ key: jwk, format: "jwk" }) };
    const sig = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";
    const envelope = {
      payloadType: "http://example.com/HelloWorld",
      payload: "aGVsbG8gd29ybGQ=",
      signatures: [{ sig }],
    };
    const open = (body: object) =>
      openEnvelope(Buffer.from(JSON.stringify(body)), "http://example.com/HelloWorld", [pinned]);
    expect(Buffer.from(open(envelope).payload).toString()).toBe("hello world");
    expect(() => open({ ...envelope, payload: "aGVsbG8gd29ybGU=" })).toThrow("no signature verifies");
  });

  it.each(["ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384"])("verifies %s", async (alg) => {
    const signer = await newSigningKey("s", alg);
    const result = await deliver(signEnvelope([signer], summaryStatement()), { keys: [signer.pinned] });
    expect(result.items[0]?.signature).toEqual({ status: "verified", kid: "s", alg });
  });

  it("uses a key for its registered algorithm only", async () => {
    const rsa = await newSigningKey("r", "PS256");
    const keys = (alg: string) => [{ ...rsa.pinned, alg }];
    const body = signEnvelope([rsa], summaryStatement());
    expect(refusalIn(await deliver(body, { keys: keys("PS384") }))).toBe("signature event/signature");
    expect(refusalIn(await deliver(body, { keys: keys("RS256") }))).toBe("algorithm event/algorithm");
    expect(refusalIn(await deliver(body, { keys: keys("ES256") }))).toBe("signature event/signature");
    expect(refusalIn(await deliver(body, { keys: keys("EdDSA") }))).toBe("signature event/signature");
    expect(refusalIn(await deliver(body, { keys: [] }))).toBe("key event/key");
  });

  it("needs one signature by a registered key, wherever it stands and whatever the key id says", async () => {
    const stranger = await newSigningKey("x");
    const both = signEnvelope([stranger, key], summaryStatement(), { keyid: "nonsense" });
    expect(verdictsIn(await deliver(both))).toHaveLength(1);
    const alone = signEnvelope([stranger], summaryStatement(), { keyid: "k" });
    expect(refusalIn(await deliver(alone))).toBe("signature event/signature");
  });

  it("accepts URL-safe base64 without padding", async () => {
    const body = changed((envelope) => {
      envelope.payload = Buffer.from(String(envelope.payload), "base64").toString("base64url");
    });
    expect(verdictsIn(await deliver(body))).toHaveLength(1);
  });

  it.each([
    ["a payload that is no base64", (envelope: Record<string, unknown>) => (envelope.payload = "e{}")],
    ["no signatures", (envelope: Record<string, unknown>) => (envelope.signatures = [])],
    [
      "a signature that is no base64",
      (envelope: Record<string, unknown>) => (envelope.signatures = [{ sig: "!" }]),
    ],
    [
      "too many signatures",
      (envelope: Record<string, unknown>) => (envelope.signatures = Array(17).fill({ sig: "AA==" })),
    ],
    ["no type", (envelope: Record<string, unknown>) => (envelope.payloadType = undefined)],
  ])("refuses %s as malformed", async (_, change) => {
    expect(refusalIn(await deliver(changed((envelope) => void change(envelope))))).toBe(
      "malformed event/malformed",
    );
  });

  it("refuses a payload under another type than the signed one, and a signed one that is not in-toto", async () => {
    const renamed = changed((envelope) => {
      envelope.payloadType = "application/json";
    });
    expect(refusalIn(await deliver(renamed))).toBe("signature event/signature");
    const other = signEnvelope([key], summaryStatement(), { type: "application/json" });
    expect(refusalIn(await deliver(other))).toBe("claims event/claims");
  });

  it("takes no JWS for an envelope", async () => {
    expect(refusalIn(await deliver(await sign(key, summaryStatement())))).toBe("malformed event/malformed");
  });
});

describe("the statement", () => {
  it.each([
    ["another statement version", summaryStatement({}, { _type: "https://in-toto.io/Statement/v0.1" })],
    ["another predicate", summaryStatement({}, { predicateType: "https://slsa.dev/provenance/v1" })],
    ["no subject", summaryStatement({}, { subject: [] })],
    ["a subject without digest", summaryStatement({}, { subject: [{ name: "a", digest: {} }] })],
    ["a digest that is no text", summaryStatement({}, { subject: [{ name: "a", digest: { sha256: 1 } }] })],
    [
      "two subjects of one name",
      summaryStatement({}, { subject: Array(2).fill({ name: "a", digest: { sha256: "00" } }) }),
    ],
    ["no result", summaryStatement({ verificationResult: undefined })],
    ["an unknown result", summaryStatement({ verificationResult: "passed" })],
    ["no date", summaryStatement({ timeVerified: undefined })],
    ["a date without zone", summaryStatement({ timeVerified: "2026-11-22T11:59:00" })],
    ["no verifier", summaryStatement({ verifier: undefined })],
    ["no policy", summaryStatement({ policy: undefined })],
    ["no levels", summaryStatement({ verifiedLevels: undefined })],
    ["a list", []],
  ])("refuses %s", async (_, statement) => {
    expect(await refusal(statement)).toBe("claims event/claims");
  });

  it("refuses a payload that is no acceptable JSON", async () => {
    expect(await refusal('{"a":1,"a":2}')).toBe("malformed event/malformed");
  });

  it("dates the verdict by the verification", async () => {
    expect((await verdict(summaryStatement())).observedAtMs).toBe(Date.parse("2026-11-22T11:59:00Z"));
    const old = summaryStatement({ timeVerified: "2026-11-01T00:00:00Z" });
    expect(await refusal(old)).toBe("expired event/expired");
    expect((await verdict(old, { backfill: true })).outcome).toBe("verified_good");
    expect(await refusal(summaryStatement({ timeVerified: "2026-11-23T00:00:00Z" }))).toBe(
      "expired event/future",
    );
  });
});

describe("the table vsa/1", () => {
  it("approves the image at boot when the verification passed", async () => {
    expect(await verdict(summaryStatement())).toMatchObject({
      submod: "image",
      outcome: "verified_good",
      vector: [0, 0, 3, 0, 0, 0, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "vsa/1",
      coverage: ["workload_image"],
      policyIds: ["https://images.example/policy/7"],
      verifier: { id: "https://build.example/verifier", build: "slsa-verifier=2.6.0" },
      freshness: "result_only",
      reasons: [],
    });
  });

  it("finds the image bad when it failed", async () => {
    const failed = await verdict(summaryStatement({ verificationResult: "FAILED" }));
    expect(failed).toMatchObject({
      outcome: "verified_bad",
      tier: "contraindicated",
      vector: [0, 0, 96, 0, 0, 0, 0, 0],
    });
    expect(failed.reasons[0]).toMatchObject({ code: "vsa.failed", got: "FAILED" });
  });

  it("measures the digests of every artifact", async () => {
    const subject = [{ digest: { sha256: "aa" } }, { name: "a/b", digest: { sha256: "bb", sha512: "cc" } }];
    expect((await verdict(summaryStatement({}, { subject }))).measurements).toEqual({
      "resource-uri": "https://images.example/node-image.raw",
      "verified-levels": "SLSA_BUILD_LEVEL_3",
      "subject/sha256": "aa",
      "subject/a~1b/sha256": "bb",
      "subject/a~1b/sha512": "cc",
    });
  });

  it("does without versions and policy address", async () => {
    const bare = { verifier: { id: "v", version: { a: { toString: 1 } } }, policy: {} };
    expect(await verdict(summaryStatement(bare))).toMatchObject({
      policyIds: [],
      verifier: { id: "v", build: null },
    });
  });
});

describe("node identity", () => {
  it("is the subject of the message, or what the pointer leads to", async () => {
    const none = { subject: null };
    expect((await verdict(summaryStatement())).identities).toEqual([{ kind: "custom", value: "node-17" }]);
    expect(await refusal(summaryStatement(), none)).toBe("claims event/unknown-node");
    const settings = { nodeIdPointer: "/predicate/node" };
    expect(
      (await verdict(summaryStatement({ node: "n9" }), { ...none, settings })).identities[0]?.value,
    ).toBe("n9");
  });
});
