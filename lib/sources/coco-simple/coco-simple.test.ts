import { describe, expect, it } from "vitest";
import { ISSUED_AT, simpleClaims } from "#tests/fixtures/verifier-claims";
import { newSigningKey, sign, sourceTester } from "#tests/source-testing";
import { cocoSimpleSource } from "./index.ts";

const key = newSigningKey("k", "RS384");
const other = newSigningKey("o", "RS384");
const { verdict, refusal } = sourceTester(cocoSimpleSource, "guest", key, sign);
const tcb = (claims: object) => simpleClaims({ "tcb-status": claims });
const policies = (...results: unknown[]) =>
  simpleClaims({
    "evaluation-reports": results.map((result, at) => ({
      "policy-id": `p${at}`,
      "evaluation-result": result,
    })),
  });

describe("trust in the key", () => {
  it("does not believe the key that the payload carries", async () => {
    const by = await other;
    const claims = simpleClaims({ jwk: { ...by.jwk, alg: by.alg } });
    expect(await refusal(claims, { by })).toBe("signature event/signature");
    expect(await refusal(claims, { by, keys: [] })).toBe("key event/key");
    expect((await verdict(claims)).outcome).toBe("verified_good");
  });

  it("accepts no other algorithm than the registered one", async () => {
    const by = await newSigningKey("k", "RS256");
    expect(await refusal(simpleClaims(), { by })).toBe("algorithm event/algorithm");
  });
});

describe("claims", () => {
  it.each([
    ["no policy result", policies()],
    ["too many policy results", policies(...Array(65).fill('{"allow":true}'))],
    ["a policy without id", simpleClaims({ "evaluation-reports": [{ "evaluation-result": "{}" }] })],
    ["no tcb-status", simpleClaims({ "tcb-status": undefined })],
    ["an empty tcb-status", tcb({})],
    ["a list as tcb-status", simpleClaims({ "tcb-status": ["sgx"] })],
    ["no date", simpleClaims({ nbf: undefined })],
    ["a date that is text", simpleClaims({ nbf: String(ISSUED_AT) })],
    ["an expiry before the issue", simpleClaims({ exp: ISSUED_AT - 1 })],
    ["nothing", {}],
  ])("refuses %s", async (_, claims) => {
    expect(await refusal(claims)).toBe("claims event/claims");
  });

  it("dates the verdict by iat, else by nbf", async () => {
    expect((await verdict(simpleClaims())).observedAtMs).toBe(ISSUED_AT * 1000);
    expect((await verdict(simpleClaims({ iat: ISSUED_AT + 10 }))).observedAtMs).toBe((ISSUED_AT + 10) * 1000);
  });

  it("refuses what is expired, unless it is history", async () => {
    const old = simpleClaims({ nbf: ISSUED_AT - 900, exp: ISSUED_AT - 600 });
    expect(await refusal(old)).toBe("expired event/expired");
    expect((await verdict(old, { backfill: true })).expiresAtMs).toBe((ISSUED_AT - 600) * 1000);
  });
});

describe("the table coco-simple/1", () => {
  it("says good for an up-to-date guest whose policies allow it", async () => {
    expect(await verdict(simpleClaims())).toMatchObject({
      outcome: "verified_good",
      vector: [0, 0, 0, 0, 2, 2, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "coco-simple/1",
      coverage: ["quote_signature", "tcb_level", "debug_state"],
      policyIds: ["default"],
      freshness: "result_only",
    });
  });

  it.each([
    ['{"allow":true}', "verified_good"],
    [{ allow: true }, "verified_good"],
    ['{"allow":false}', "could_not_verify"],
    ['{"allow":"true"}', "could_not_verify"],
    ["{}", "could_not_verify"],
    ["allow", "could_not_verify"],
    ['{"allow":true,"allow":false}', "could_not_verify"],
    [null, "could_not_verify"],
  ])("reads the policy result %j", async (result, outcome) => {
    expect((await verdict(policies('{"allow":true}', result))).outcome).toBe(outcome);
  });

  it("says of a policy that it is not met, and of an unknown result that it is none", async () => {
    const codes = async (result: string) => (await verdict(policies(result))).reasons.map(({ code }) => code);
    expect(await codes('{"allow":false}')).toEqual(["coco.policy-denied", "ar4si.configuration.36"]);
    expect(await codes("{}")).toEqual(["coco.policy-unclear", "ar4si.configuration.1"]);
    expect((await verdict(policies('{"allow":false}'))).tier).toBe("warning");
    expect((await verdict(policies("{}"))).tier).toBe("none");
  });

  it.each([
    ["OutOfDate", 32, "verified_bad"],
    ["Revoked", 96, "verified_bad"],
    ["SomethingNew", 1, "could_not_verify"],
    [{ toString: 1 }, 1, "could_not_verify"],
  ])("weighs the TCB status %j", async (status, hardware, outcome) => {
    const { vector, outcome: actual } = await verdict(tcb({ "tdx.tcb_status": status }));
    expect([vector[4], actual]).toEqual([hardware, outcome]);
  });

  it.each([
    [{ "sgx.body.attributes.flags": "0700000000000000" }, 96],
    [{ "sgx.body.attributes.flags": "0500000000000000" }, 0],
    [{ "tdx.quote.body.td_attributes": "0100001000000000" }, 96],
    [{ "tdx.quote.body.td_attributes": "0000001000000000" }, 0],
    [{ "snp.policy_debug_allowed": "1" }, 96],
    [{ "snp.policy_debug_allowed": true }, 96],
    [{ "snp.policy_debug_allowed": "0" }, 0],
    [{ "snp.policy_debug_allowed": "maybe" }, 1],
    [{ "snp.policy_debug_allowed": { toString: 1 } }, 1],
    [{ "sgx.body.attributes.flags": "07" }, 1],
    [{ "snp.policy_debug_allowed": "0", "azsnpvtpm.policy_debug_allowed": "1" }, 96],
    [{ "snp.policy_debug_allowed": "?", "azsnpvtpm.policy_debug_allowed": "0" }, 1],
    [{ "snp.policy_debug_allowed": "0", "azsnpvtpm.policy_debug_allowed": "?" }, 1],
  ])("reads the debug flag in %j", async (claims, configuration) => {
    const { vector, coverage } = await verdict(tcb(claims));
    expect(vector[1]).toBe(configuration);
    expect(coverage.includes("debug_state")).toBe(configuration !== 1);
  });

  it("claims nothing about a platform that it does not know", async () => {
    expect(await verdict(tcb({ "sample.svn": "1" }))).toMatchObject({
      outcome: "pending",
      tier: "none",
      coverage: [],
    });
    for (const tee of ["sgx", "tdx", "snp", "az-snp-vtpm", "aztdxvtpm"]) {
      expect((await verdict(tcb({ [`${tee}.x`]: "1" }))).vector[5]).toBe(2);
    }
  });

  it("measures what stays, under the service's names", async () => {
    const claims = { "az-tdx-vtpm.tpm.pcr07": "aa", "tdx.quote.body.report_data": "bb", "tdx.mr_td": "cc" };
    expect((await verdict(tcb(claims))).measurements).toEqual({ "pcr/sha256/7": "aa", "tdx.mr_td": "cc" });
  });
});

describe("node identity", () => {
  it("takes the subject or what the pointer leads to; the token names no device", async () => {
    const none = { subject: null };
    expect((await verdict(simpleClaims())).identities).toEqual([{ kind: "custom", value: "guest" }]);
    const pointer = { ...none, settings: { nodeIdPointer: "/customized_claims/runtime_data/node" } };
    expect((await verdict(simpleClaims(), pointer)).identities[0]?.value).toBe("guest-4");
    expect(await refusal(simpleClaims(), none)).toBe("claims event/unknown-node");
  });
});
