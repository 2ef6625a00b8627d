import { describe, expect, it } from "vitest";
import {
  amberSgx,
  gpuClaims,
  itaFlat,
  itaNested,
  tdxClaims,
  tpmClaims,
} from "#tests/fixtures/verifier-claims";
import { newSigningKey, sign, sourceTester } from "#tests/source-testing";
import { itaSource } from "./index.ts";

const key = newSigningKey("k", "PS384");
const { verdict, verdicts, refusal } = sourceTester(itaSource, "td", key, sign);
const nvgpu = (gpus: object, passed: unknown = true) =>
  itaNested({
    nvgpu: { attester_type: "NVGPU", "x-nvidia-overall-att-result": passed, claim_details: gpus },
  });

describe("forms", () => {
  it("reads version 1 and version 2 to the same verdict", async () => {
    expect(await verdict(itaNested({ tdx: tdxClaims() }))).toEqual(await verdict(itaFlat()));
    expect(await verdict(itaFlat())).toMatchObject({
      submod: "tdx",
      outcome: "verified_good",
      vector: [0, 0, 0, 0, 2, 2, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "ita/1",
      coverage: ["quote_signature", "tcb_level", "debug_state"],
      verifier: { id: "https://portal.trustauthority.intel.com", build: null },
    });
  });

  it("reads the old amber names", async () => {
    expect(await verdict(amberSgx())).toMatchObject({
      submod: "sgx",
      outcome: "verified_bad",
      tier: "warning",
      freshness: "evidence",
      measurements: { sgx_mrenclave: "2f".repeat(32), sgx_mrsigner: "d5".repeat(32), sgx_isvsvn: "0" },
    });
    expect((await verdict(amberSgx({ amber_sgx_is_debuggable: true }))).tier).toBe("contraindicated");
  });

  it("gives one verdict per attester of a composite token, with the lanes' own versions", async () => {
    const token = itaNested(
      { tdx: tdxClaims({ ver: "1.0.0" }), tpm_claims: tpmClaims({ ver: "v1.0.0" }) },
      { ver: undefined },
    );
    expect((await verdicts(token)).map(({ submod, tier }) => [submod, tier])).toEqual([
      ["tdx", "affirming"],
      ["tpm", "affirming"],
    ]);
  });

  it.each([
    ["no version", itaFlat({ ver: undefined })],
    ["version 3", itaFlat({ ver: "3.0.0" })],
    ["no attester", itaFlat({ attester_type: undefined })],
    ["an unknown attester", itaFlat({ attester_type: "CCA" })],
    [
      "an unknown nested attester beside a good one",
      itaNested({ tdx: tdxClaims(), cca: { attester_type: "CCA" } }),
    ],
    ["an attester that is no object", itaNested({ tdx: "x" })],
    ["an attester twice", itaNested({ tpm: tpmClaims(), tpm_claims: tpmClaims() })],
    ["flat and nested claims", itaNested({ tdx: tdxClaims() }, { attester_type: "TDX" })],
    ["one claim in both spellings", amberSgx({ attester_tcb_status: "UpToDate" })],
    ["no date", itaFlat({ iat: undefined })],
    ["a debug flag that is text", itaFlat({ tdx_is_debuggable: "false" })],
    ["policies that are no list", itaFlat({ policy_ids_unmatched: "none" })],
    ["a policy without id", itaFlat({ policy_ids_unmatched: [{}] })],
    ["a TCB status that is no text", itaFlat({ attester_tcb_status: 1 })],
    ["claims of something else", { sub: "1234567890", name: "John Doe", admin: true, iat: 1_795_348_740 }],
    ["PCRs that are no list", itaNested({ tpm: tpmClaims({ claims: { pcr_records: {} } }) })],
    ["a PCR without number", itaNested({ tpm: tpmClaims({ claims: { pcrs: [{ hash: "00" }] } }) })],
    ["GPUs without overall result", nvgpu({ "GPU-0": gpuClaims() }, "true")],
    ["no GPUs", nvgpu({})],
    ["GPUs that are no object", nvgpu({ "GPU-0": "x" })],
    ["a GPU without name", nvgpu({ "": gpuClaims() })],
  ])("refuses %s", async (_, claims) => {
    expect(await refusal(claims)).toBe("claims event/claims");
  });
});

describe("the table ita/1", () => {
  it.each([
    ["UpToDate", 2, "affirming"],
    ["UP_TO_DATE", 2, "affirming"],
    ["SWHardeningNeeded", 32, "warning"],
    ["ConfigurationNeeded", 32, "warning"],
    ["ConfigurationAndSWHardeningNeeded", 32, "warning"],
    ["OutOfDate", 32, "warning"],
    ["OUT_OF_DATE", 32, "warning"],
    ["OutOfDateConfigurationNeeded", 32, "warning"],
    ["TDRelaunchAdvised", 32, "warning"],
    ["Revoked", 96, "contraindicated"],
    ["Fine", 1, "none"],
    [undefined, 1, "none"],
  ])("weighs the TCB status %s", async (attester_tcb_status, hardware, tier) => {
    const { vector, tier: actual } = await verdict(itaFlat({ attester_tcb_status }));
    expect([vector[4], actual]).toEqual([hardware, tier]);
  });

  it("asks no TCB status of a platform that has none", async () => {
    const snp = { attester_type: "SEVSNP", sevsnp_is_debuggable: false };
    expect(await verdict(itaNested({ sevsnp: snp }))).toMatchObject({ vector: [0, 0, 0, 0, 0, 2, 0, 0] });
  });

  it("keeps an unmatched policy apart from a bad machine", async () => {
    const policy = { id: "denied", version: 2 };
    const unmatched = itaFlat({ policy_ids_unmatched: [policy, policy] });
    expect(await verdict(unmatched)).toMatchObject({ outcome: "could_not_verify", tier: "warning" });
    expect((await verdict(unmatched)).reasons[0]).toMatchObject({
      code: "ita.policy-unmatched",
      got: "denied",
    });
    expect((await verdict(unmatched)).policyIds).toEqual(["31c5d3ff-7a0b-4d5d-8f4b-0b1a9d0a5a01", "denied"]);
  });

  it("counts an unmatched policy against every attester, wherever it is stated", async () => {
    const tiers = async (claims: object) => (await verdicts(claims)).map(({ tier }) => tier);
    const policy_ids_unmatched = [{ id: "denied" }];
    expect(await tiers(itaNested({ tdx: tdxClaims(), tpm: tpmClaims() }, { policy_ids_unmatched }))).toEqual([
      "warning",
      "warning",
    ]);
    expect(await tiers(itaNested({ tdx: tdxClaims(), tpm: tpmClaims({ policy_ids_unmatched }) }))).toEqual([
      "warning",
      "warning",
    ]);
  });

  it.each([
    [{ tdx_is_debuggable: true }, 96],
    [{ tdx_td_attributes_debug: true }, 96],
    [{ dbgstat: "enabled" }, 96],
    [{ dbgstat: "somewhat" }, 1],
    [{ tdx_is_debuggable: true, policy_ids_unmatched: [{ id: "p" }] }, 96],
    [{}, 0],
  ])("reads the debug state in %j", async (claims, configuration) => {
    expect((await verdict(itaFlat(claims))).vector[1]).toBe(configuration);
  });

  it("tells which advisories an old platform lacks, and none of an up-to-date one", async () => {
    const advisories = { attester_advisory_ids: ["INTEL-SA-1", "INTEL-SA-2"] };
    const old = await verdict(itaFlat({ attester_tcb_status: "OutOfDate", ...advisories }));
    expect(old.reasons[0]).toEqual({
      code: "ita.tcb-status",
      component: "tdx",
      got: "OutOfDate",
      expected: "UpToDate",
      detail: "TCB of 2026-08-13T00:00:00Z · advisories INTEL-SA-1, INTEL-SA-2",
    });
    expect((await verdict(itaFlat(advisories))).reasons).toEqual([]);
  });

  it("believes in fresh evidence only with the verifier's own nonce", async () => {
    expect((await verdict(itaFlat())).freshness).toBe("result_only");
    expect((await verdict(itaFlat({ verifier_nonce: { val: "x" } }))).freshness).toBe("evidence");
    expect((await verdict(amberSgx({ amber_signed_nonce: false }))).freshness).toBe("result_only");
  });

  it("measures registers, and nothing that differs each time", async () => {
    const { measurements } = await verdict(itaFlat());
    expect(Object.keys(measurements)).toEqual([
      "tdx_mrtd",
      "tdx_mrseam",
      "tdx_rtmr0",
      "tdx_rtmr1",
      "tdx_rtmr2",
      "tdx_rtmr3",
      "tdx_seamsvn",
    ]);
    expect((await verdict(itaNested({ tpm: tpmClaims() }))).measurements).toEqual({
      "pcr/sha1/7": "71".repeat(20),
      "pcr/sha256/0": "70".repeat(32),
      "pcr/sha256/7": "77".repeat(32),
    });
  });

  it("gives one verdict per GPU, none of them good when the overall result is unexplained", async () => {
    const bad = gpuClaims({ measres: "fail" });
    const tiers = async (gpus: object, passed: boolean) =>
      (await verdicts(nvgpu(gpus, passed))).map(({ submod, tier }) => `${submod} ${tier}`);
    expect(await tiers({ "GPU-0": gpuClaims(), "GPU-1": bad }, false)).toEqual([
      "GPU-0 affirming",
      "GPU-1 contraindicated",
    ]);
    expect(await tiers({ "GPU-0": gpuClaims() }, false)).toEqual(["GPU-0 contraindicated"]);
  });
});

describe("node identity", () => {
  const vm = (vmUniqueId: unknown) => ({ attester_runtime_data: { "vm-configuration": { vmUniqueId } } });
  const none = { subject: null };

  it("finds the virtual machine in the runtime data", async () => {
    const [first] = await verdicts(itaNested({ tdx: tdxClaims(vm("A-1")), tpm: tpmClaims(vm("A-1")) }), none);
    expect(first?.identities).toEqual([{ kind: "vm_id", value: "A-1" }]);
    expect((await verdicts(itaFlat(vm("A-1")), none))[0]?.identities[0]?.value).toBe("A-1");
  });

  it("refuses a token about no machine, or about two", async () => {
    expect(await refusal(itaFlat(), none)).toBe("claims event/unknown-node");
    const two = itaNested({ tdx: tdxClaims(vm("A-1")), tpm: tpmClaims(vm("A-2")) });
    expect(await refusal(two, none)).toBe("claims event/identity-conflict");
  });

  it("follows the operator's pointer", async () => {
    const settings = { nodeIdPointer: "/tdx/attester_held_data" };
    const claims = itaNested({ tdx: tdxClaims({ attester_held_data: "bm9kZQ" }) });
    expect((await verdicts(claims, { ...none, settings }))[0]?.identities).toEqual([
      { kind: "custom", value: "bm9kZQ" },
    ]);
  });
});
