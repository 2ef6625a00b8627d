import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { gpuClaims, ISSUED_AT, overallClaims } from "#tests/fixtures/verifier-claims";
import {
  type ContextOptions,
  contextOf,
  messageOf,
  newSigningKey,
  refusalIn,
  type SigningKey,
  sign,
  verdictsIn,
} from "#tests/source-testing";
import { nvidiaSource } from "./index.ts";

let key: SigningKey;
let other: SigningKey;

beforeAll(async () => {
  key = await newSigningKey("k", "ES384");
  other = await newSigningKey("k", "ES384");
});

type Options = ContextOptions & { subject?: string | null };
type Tokens = Readonly<Record<string, string>>;

const digest = (token: string) => createHash("sha256").update(token).digest("hex");
const digests = (tokens: Tokens) =>
  Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, digest(token)]));

async function signAll(gpus: Readonly<Record<string, unknown>>, by = key): Promise<Tokens> {
  const signed = Object.entries(gpus).map(async ([name, claims]) => [name, await sign(by, claims)] as const);
  return Object.fromEntries(await Promise.all(signed));
}

async function deliver(body: string, { subject = "host", ...rest }: Options = {}) {
  return nvidiaSource.interpret(messageOf(body, { subject }), contextOf({ keys: [key.pinned], ...rest }));
}

async function interpret(gpus: Readonly<Record<string, unknown>>, more: object = {}, options: Options = {}) {
  const tokens = await signAll(gpus);
  const overall = await sign(key, overallClaims(digests(tokens), more));
  return deliver(JSON.stringify([["JWT", overall], tokens]), options);
}
const verdicts = async (...args: Parameters<typeof interpret>) => verdictsIn(await interpret(...args));
const one = async (claims: object) => {
  const [first] = await verdicts({ "GPU-0": gpuClaims(claims) });
  if (first === undefined) throw new Error("no verdict");
  return first;
};
const check = (name: string) => `x-nvidia-gpu-${name}`;
const chain = (status: string, ocsp = "good") => ({
  "x-nvidia-cert-status": status,
  "x-nvidia-cert-ocsp-status": ocsp,
});

describe("the bundle", () => {
  it("gives one verdict per GPU, all of one node", async () => {
    const both = await verdicts({ "GPU-0": gpuClaims(), "GPU-1": gpuClaims({ ueid: "2" }) });
    expect(both.map(({ submod, outcome, identities }) => [submod, outcome, identities[0]?.value])).toEqual([
      ["GPU-0", "verified_good", "host"],
      ["GPU-1", "verified_good", "host"],
    ]);
    expect(both[0]).toMatchObject({
      vector: [0, 2, 2, 0, 2, 0, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "nvidia/1",
      coverage: ["identity_key", "quote_signature", "secure_boot", "measured_boot", "debug_state"],
      freshness: "evidence",
    });
  });

  it("refuses a detached token that is not the named one, is missing, or is one too many", async () => {
    const tokens = await signAll({ "GPU-0": gpuClaims(), "GPU-1": gpuClaims({ ueid: "2" }) });
    const overall = await sign(key, overallClaims(digests(tokens)));
    const attempt = async (detached: object) =>
      refusalIn(await deliver(JSON.stringify([["JWT", overall], detached])));
    const { "GPU-0": zero, "GPU-1": first } = tokens;
    expect(await attempt({ "GPU-0": first, "GPU-1": zero })).toBe("signature event/signature");
    expect(await attempt({ "GPU-0": zero })).toBe("signature event/signature");
    expect(await attempt({ ...tokens, "GPU-2": zero })).toBe("signature event/signature");
    expect(await attempt({})).toBe("signature event/signature");
    expect(await attempt({ "GPU-0": ` ${zero}`, "GPU-1": first })).toBe("signature event/signature");
  });

  it("refuses a detached token by another key, although its digest is the named one", async () => {
    const tokens = await signAll({ "GPU-0": gpuClaims() }, other);
    const overall = await sign(key, overallClaims(digests(tokens)));
    expect(refusalIn(await deliver(JSON.stringify([["JWT", overall], tokens])))).toBe(
      "signature event/signature",
    );
  });

  it("never accepts a shared secret, not even for a detached token", async () => {
    const secret = new TextEncoder().encode("secret-secret-secret-secret-secret");
    const hmac = (claims: object) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).sign(secret);
    const local = await hmac(gpuClaims());
    const overall = overallClaims({ "GPU-0": digest(local) });
    for (const token of [await hmac(overall), await sign(key, overall)]) {
      const body = JSON.stringify([["JWT", token], { "GPU-0": local }]);
      expect(refusalIn(await deliver(body))).toBe("algorithm event/algorithm");
    }
  });

  it.each([
    ["a bare token", '"eyJ"'],
    ["an object", "{}"],
    ["an array without detached tokens", '[["JWT","x"]]'],
    ["another type", '[["CWT","x"],{}]'],
    ["detached tokens that are no text", '[["JWT","x"],{"GPU-0":1}]'],
    ["a third part", '[["JWT","x"],{},{}]'],
    ["a token of two parts", '[["JWT","a.b"],{"GPU-0":"x"}]'],
  ])("refuses %s as malformed", async (_, body) => {
    expect(refusalIn(await deliver(body))).toBe("malformed event/malformed");
  });

  it.each([
    ["no overall result", { "x-nvidia-overall-att-result": undefined }],
    ["an overall result that is text", { "x-nvidia-overall-att-result": "true" }],
    ["no issuer", { iss: undefined }],
    ["no GPUs", { submods: {} }],
    ["another digest", { submods: { "GPU-0": ["DIGEST", ["SHA-1", "00"]] } }],
    ["a submodule without digest", { submods: { "GPU-0": {} } }],
    ["no date", { iat: undefined }],
  ])("refuses an overall token with %s", async (_, more) => {
    expect(refusalIn(await interpret({ "GPU-0": gpuClaims() }, more))).toBe("claims event/claims");
  });

  it("refuses a whole bundle for one GPU that cannot be read", async () => {
    const attempt = async (claims: unknown) =>
      refusalIn(await interpret({ "GPU-0": gpuClaims(), "GPU-1": claims }));
    expect(await attempt({})).toBe("claims event/claims");
    expect(await attempt([])).toBe("claims event/claims");
    expect(await attempt(gpuClaims({ iat: undefined }))).toBe("claims event/claims");
    expect(await attempt(gpuClaims({ hwmodel: 5 }))).toBe("claims event/claims");
    expect(await attempt(gpuClaims({ secboot: "true" }))).toBe("claims event/claims");
  });

  it("asks for the dates of every token", async () => {
    const old = gpuClaims({ iat: ISSUED_AT - 900, nbf: ISSUED_AT - 900 });
    expect(refusalIn(await interpret({ "GPU-0": old }))).toBe("expired event/expired");
    const early = { iat: ISSUED_AT - 900, nbf: ISSUED_AT - 900 };
    expect(refusalIn(await interpret({ "GPU-0": gpuClaims() }, early))).toBe("expired event/expired");
    expect(await verdicts({ "GPU-0": old }, early, { backfill: true })).toHaveLength(1);
  });
});

describe("the table nvidia/1", () => {
  it("finds changed measurements bad", async () => {
    const bad = await one({ measres: "fail", secboot: null, dbgstat: null });
    expect(bad).toMatchObject({ outcome: "verified_bad", vector: [0, 0, 96, 0, 2, 0, 0, 0] });
    expect(bad.reasons[0]).toMatchObject({ code: "nvidia.measres", got: "fail" });
  });

  it.each(["not-run", "absent", undefined, null])(
    "cannot say good when the comparison is %s",
    async (measres) => {
      expect(await one({ measres })).toMatchObject({ outcome: "could_not_verify", tier: "none" });
    },
  );

  it.each([
    [check("attestation-report-signature-verified"), "could_not_verify", 99],
    [check("attestation-report-nonce-match"), "could_not_verify", 99],
    [check("attestation-report-parsed"), "could_not_verify", 99],
  ])("believes nothing of a report when %s is false", async (name, outcome, value) => {
    const broken = await one({ [name]: false });
    expect(broken).toMatchObject({ outcome, coverage: [], freshness: "result_only" });
    expect(broken.vector).toEqual(Array(8).fill(value));
  });

  it.each([
    [check("attestation-report-cert-chain-validated"), [0, 2, 2, 0, 97, 0, 0, 0], "not_recognised"],
    [check("arch-check"), [0, 2, 2, 0, 97, 0, 0, 0], "not_recognised"],
    [check("attestation-report-cert-chain-fwid-match"), [0, 2, 2, 0, 97, 0, 0, 0], "not_recognised"],
    [check("driver-rim-signature-verified"), [0, 2, 99, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("vbios-rim-cert-validated"), [0, 2, 99, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("driver-rim-fetched"), [0, 2, 1, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("vbios-rim-schema-validated"), [0, 2, 1, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("driver-rim-measurements-available"), [0, 2, 1, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("vbios-rim-version-match"), [0, 2, 1, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("vbios-index-no-conflict"), [0, 1, 2, 0, 2, 0, 0, 0], "could_not_verify"],
    [check("check-of-the-future"), [0, 1, 2, 0, 2, 0, 0, 0], "could_not_verify"],
  ])("weighs %s when it is false", async (name, vector, outcome) => {
    const actual = await one({ [name]: false });
    expect([actual.vector, actual.outcome]).toEqual([vector, outcome]);
    expect(actual.reasons[0]).toEqual({
      code: "nvidia.check-failed",
      component: name,
      got: "false",
      expected: "true",
    });
  });

  it.each([
    check("attestation-report-signature-verified"),
    check("attestation-report-nonce-match"),
    check("attestation-report-parsed"),
    check("attestation-report-cert-chain-validated"),
    check("driver-rim-signature-verified"),
    check("driver-rim-cert-validated"),
    check("vbios-rim-fetched"),
  ])("does not say good without %s", async (name) => {
    for (const value of [undefined, "true", 1]) {
      expect((await one({ [name]: value })).outcome).toBe("could_not_verify");
    }
  });

  it("reads certificate chains as claims version 3.0 describes them", async () => {
    const described = (report: object, driver: object) => ({
      [check("attestation-report-cert-chain-validated")]: undefined,
      [check("driver-rim-cert-validated")]: undefined,
      [check("attestation-report-cert-chain")]: report,
      [check("driver-rim-cert-chain")]: driver,
    });
    expect((await one(described(chain("valid"), chain("valid")))).outcome).toBe("verified_good");
    const revoked = await one(described(chain("valid", "revoked"), chain("valid")));
    expect([revoked.vector[4], revoked.outcome]).toEqual([97, "not_recognised"]);
    expect(revoked.reasons[0]).toMatchObject({
      code: "nvidia.cert-chain",
      detail: "certificate valid, OCSP revoked",
    });
    expect((await one(described(chain("valid"), chain("expired")))).vector[2]).toBe(99);
    expect((await one(described({ toString: 1 }, {}))).tier).toBe("contraindicated");
  });

  it.each([
    [{ dbgstat: "enabled" }, 96],
    [{ dbgstat: "unheard-of" }, 96],
    [{ secboot: false }, 32],
    [{ dbgstat: null }, 0],
    [{ secboot: undefined }, 0],
  ])("reads the configuration in %j", async (claims, configuration) => {
    expect((await one(claims)).vector[1]).toBe(configuration);
  });

  it("lets no GPU look good when the overall result is no and none shows why", async () => {
    const no = { "x-nvidia-overall-att-result": false };
    const [first] = await verdicts({ "GPU-0": gpuClaims() }, no);
    expect(first).toMatchObject({ tier: "contraindicated", outcome: "verified_bad" });
    expect(first?.reasons[0]?.code).toBe("nvidia.overall-result");
    const both = await verdicts({ "GPU-0": gpuClaims(), "GPU-1": gpuClaims({ measres: "fail" }) }, no);
    expect(both.map(({ tier }) => tier)).toEqual(["affirming", "contraindicated"]);
  });

  it("passes the verifier's warning on", async () => {
    const { reasons } = await one({ "x-nvidia-attestation-warning": "certificate on hold" });
    expect(reasons).toEqual([{ code: "nvidia.warning", detail: "certificate on hold" }]);
  });

  it("measures versions and the device", async () => {
    expect((await one({})).measurements).toEqual({
      hwmodel: "GH100 A01 GSP BROM",
      ueid: "481858311570236547493498289839486179865867984732",
      oemid: "5703",
      "driver-version": "570.00",
      "vbios-version": "96.00.9F.00.01",
    });
  });
});

describe("node identity", () => {
  it("is the GPU's only when there is one", async () => {
    const none = { subject: null };
    const [first] = await verdicts({ "GPU-0": gpuClaims() }, {}, none);
    expect(first?.identities[0]).toEqual({
      kind: "ueid",
      value: "481858311570236547493498289839486179865867984732",
    });
    const both = { "GPU-0": gpuClaims(), "GPU-1": gpuClaims() };
    expect(refusalIn(await interpret(both, {}, none))).toBe("claims event/unknown-node");
    const pointed = { ...none, settings: { nodeIdPointer: "/eat_nonce" } };
    expect((await verdicts(both, {}, pointed))[1]?.identities[0]?.value).toBe("93".repeat(32));
  });
});
