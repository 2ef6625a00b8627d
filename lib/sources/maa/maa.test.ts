import { describe, expect, it } from "vitest";
import { ISSUED_AT, maaClaims } from "#tests/fixtures/verifier-claims";
import { newSigningKey, sign, sourceTester } from "#tests/source-testing";
import { maaSource } from "./index.ts";

/** As Azure publishes it: base64, not base64url. */
const KID = "jNolL7YTrRkDIukgm3on/fz5uMi9kjxhfUBTh6Or8No=";
const key = newSigningKey(KID, "RS256");
const { interpret, verdict, refusal } = sourceTester(maaSource, null, key, (by, claims: object) =>
  sign(by, claims, { kid: KID, jku: "https://attacker.example/certs" }),
);
const { iat, nbf, exp, iss } = maaClaims();
/** A token about isolation alone, without the virtual machine around it. */
const bare = (more: object) => ({ iat, nbf, exp, iss, ...more });

describe("keys", () => {
  it("picks the key by its base64 id, and tries the others when the id is written otherwise", async () => {
    const first = await newSigningKey("other", "RS256");
    const { items } = await interpret(maaClaims(), { keys: [first.pinned, (await key).pinned] });
    expect(items[0]?.signature).toMatchObject({ kid: KID, alg: "RS256" });
    const renamed = { ...(await key).pinned, kid: KID.replace("/", "_").replace("=", "") };
    const result = await interpret(maaClaims(), { keys: [first.pinned, renamed] });
    expect(result.items[0]?.signature).toMatchObject({ kid: renamed.kid });
  });

  it("refuses a token by a key that is not registered", async () => {
    const { pinned } = await newSigningKey(KID, "RS256");
    expect(await refusal(maaClaims(), { keys: [pinned] })).toBe("signature event/signature");
    expect(await refusal(maaClaims(), { keys: [] })).toBe("key event/key");
  });
});

describe("claims", () => {
  it.each([
    ["no kind of attestation", maaClaims({ "x-ms-attestation-type": undefined })],
    ["an unknown kind of attestation", maaClaims({ "x-ms-attestation-type": "future" })],
    ["an isolation of unknown kind", maaClaims({}, { "x-ms-attestation-type": "future" })],
    ["an isolation that is no object", maaClaims({ "x-ms-isolation-tee": "sevsnpvm" })],
    ["a debug flag that is text", maaClaims({ "x-ms-azurevm-kerneldebug-enabled": "false" })],
    ["a debug flag of isolation that is null", maaClaims({}, { "x-ms-sevsnpvm-is-debuggable": null })],
    ["secure boot that is text", maaClaims({ secureboot: "true" })],
    ["no date", maaClaims({ iat: undefined })],
    ["an expiry before the issue", maaClaims({ exp: iat - 1 })],
    ["nothing", {}],
  ])("refuses %s", async (_, claims) => {
    expect(await refusal(claims)).toBe("claims event/claims");
  });

  it("accepts a token for five minutes, although it is valid for hours", async () => {
    expect(await refusal(maaClaims({ iat: ISSUED_AT - 600, nbf: ISSUED_AT - 600 }))).toBe(
      "expired event/expired",
    );
  });
});

describe("the table maa/1", () => {
  it("says good for a compliant machine that boots securely", async () => {
    expect(await verdict(maaClaims())).toMatchObject({
      submod: "",
      outcome: "verified_good",
      vector: [0, 2, 0, 0, 2, 2, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "maa/1",
      coverage: ["quote_signature", "secure_boot", "debug_state"],
      policyIds: ["wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs"],
      freshness: "result_only",
      reasons: [],
    });
  });

  it.each([
    "x-ms-azurevm-bootdebug-enabled",
    "x-ms-azurevm-kerneldebug-enabled",
    "x-ms-azurevm-hypervisordebug-enabled",
    "x-ms-azurevm-testsigning-enabled",
    "is-debuggable",
  ])("finds %s bad", async (name) => {
    const { tier, outcome, vector, reasons } = await verdict(maaClaims({ [name]: true }));
    expect([tier, outcome, vector[1]]).toEqual(["contraindicated", "verified_bad", 96]);
    expect(reasons[0]).toEqual({ code: "maa.claim", component: name, got: "true", expected: "false" });
  });

  it("finds a debuggable isolation bad", async () => {
    expect((await verdict(maaClaims({}, { "x-ms-sevsnpvm-is-debuggable": true }))).vector[1]).toBe(96);
    expect((await verdict(maaClaims({}, { tdx_td_attributes_debug: true }))).vector[1]).toBe(96);
    expect((await verdict(maaClaims({}, { dbgstat: "enabled" }))).vector[1]).toBe(96);
    expect((await verdict(maaClaims({}, { dbgstat: "new" }))).tier).toBe("none");
  });

  it.each([
    [{ secureboot: false }, {}],
    [{ "x-ms-azurevm-dbxvalidated": false }, {}],
    [{}, { "x-ms-runtime": { "vm-configuration": { "secure-boot": false } } }],
  ])("warns of %j %j", async (own, isolation) => {
    const { tier, vector } = await verdict(maaClaims(own, isolation), { subject: "vm" });
    expect([tier, vector[1]]).toEqual(["warning", 32]);
  });

  it("says nothing about the configuration of a machine whose boot is not described", async () => {
    const enclave = bare({ "x-ms-attestation-type": "sgx", "x-ms-sgx-is-debuggable": false });
    expect(await verdict(enclave, { subject: "e" })).toMatchObject({
      vector: [0, 0, 0, 0, 0, 2, 0, 0],
      coverage: ["quote_signature", "debug_state"],
    });
    const validated = bare({ "x-ms-attestation-type": "azurevm", "x-ms-azurevm-dbxvalidated": true });
    expect(await verdict(validated, { subject: "e" })).toMatchObject({ outcome: "pending", coverage: [] });
  });

  it.each([
    ["azure-compliant-cvm", 2, "verified_good"],
    ["azure-compliant-uvm", 2, "verified_good"],
    ["azure-non-compliant", 1, "could_not_verify"],
    [undefined, 0, "verified_good"],
  ])("reads the compliance %s", async (status, hardware, outcome) => {
    const actual = await verdict(maaClaims({}, { "x-ms-compliance-status": status }));
    expect([actual.vector[4], actual.outcome]).toEqual([hardware, outcome]);
  });

  it("reads the TCB status of a TDX machine", async () => {
    const tdx = (attester_tcb_status: string) =>
      verdict(bare({ "x-ms-attestation-type": "tdxvm", attester_tcb_status, tdx_mrtd: "aa" }), {
        subject: "t",
      });
    expect(await tdx("UpToDate")).toMatchObject({
      vector: [0, 0, 0, 0, 2, 2, 0, 0],
      coverage: ["quote_signature", "tcb_level"],
    });
    expect(await tdx("OutOfDate")).toMatchObject({ tier: "warning", measurements: { tdx_mrtd: "aa" } });
  });

  it("measures what describes the machine, and nothing private or new each time", async () => {
    expect((await verdict(maaClaims())).measurements).toEqual({
      "x-ms-azurevm-osdistro": "Ubuntu",
      "x-ms-azurevm-osversion-major": "24",
      "x-ms-sevsnpvm-bootloader-svn": "3",
      "x-ms-sevsnpvm-guestsvn": "2",
      "x-ms-sevsnpvm-launchmeasurement": "fe".repeat(48),
    });
  });
});

describe("node identity", () => {
  it("names the virtual machine by either claim", async () => {
    const id = { kind: "vm_id", value: "2DEDC52A-6832-46CE-9910-E8C9980BF5A7" };
    expect((await verdict(maaClaims())).identities).toEqual([id]);
    expect((await verdict(maaClaims({ "x-ms-azurevm-vmid": undefined }))).identities).toEqual([id]);
  });

  it("refuses two ids that differ, and a token without any", async () => {
    expect(await refusal(maaClaims({ "x-ms-azurevm-vmid": "other" }))).toBe("claims event/identity-conflict");
    const enclave = bare({ "x-ms-attestation-type": "sevsnpvm", "x-ms-sevsnpvm-reportid": "aa" });
    expect(await refusal(enclave)).toBe("claims event/unknown-node");
  });
});
