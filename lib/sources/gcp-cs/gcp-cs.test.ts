import { describe, expect, it } from "vitest";
import { gcpClaims } from "#tests/fixtures/verifier-claims";
import {
  comparable,
  contextOf,
  messageOf,
  newSigningKey,
  refusalIn,
  sign,
  sourceTester,
} from "#tests/source-testing";
import { gcpCsSource } from "./index.ts";

const key = newSigningKey("k", "RS256");
const { interpret, verdict, refusal } = sourceTester<unknown>(gcpCsSource, null, key, sign);
const gce = (more: object) => gcpClaims({ submods: { gce: more } });

describe("claims", () => {
  it.each([
    ["no issuer", gcpClaims({ iss: undefined })],
    ["no hardware model", gcpClaims({ hwmodel: undefined })],
    ["no software name", gcpClaims({ swname: undefined })],
    ["no debug status", gcpClaims({ dbgstat: undefined })],
    ["no secure boot state", gcpClaims({ secboot: undefined })],
    ["a secure boot state that is text", gcpClaims({ secboot: "true" })],
    ["no submodules", gcpClaims({ submods: undefined })],
    ["a TCB status that is no text", gcpClaims({ tdx: { gcp_attester_tcb_status: 2 } })],
    ["no date", gcpClaims({ iat: undefined })],
    ["nothing", {}],
  ])("refuses %s", async (_, claims) => {
    expect(await refusal(claims)).toBe("claims event/claims");
  });
});

describe("the table gcp-cs/1", () => {
  it("says good for a production image on confidential hardware", async () => {
    expect(await verdict(gcpClaims())).toMatchObject({
      submod: "",
      displayName: "worker-3",
      outcome: "verified_good",
      vector: [0, 2, 0, 0, 2, 2, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "gcp-cs/1",
      coverage: ["quote_signature", "secure_boot", "tcb_level", "workload_image", "debug_state"],
      verifier: { id: "https://confidentialcomputing.googleapis.com", build: null },
      freshness: "result_only",
      reasons: [],
    });
  });

  it.each([
    ["disabled", true, 2, "affirming"],
    ["disabled-since-boot", true, 2, "affirming"],
    ["disabled-permanently", true, 2, "affirming"],
    ["enabled", true, 96, "contraindicated"],
    ["enabled", false, 96, "contraindicated"],
    ["disabled", false, 32, "warning"],
    ["disabled-mostly", true, 1, "none"],
  ])("reads debug status %s with secure boot %s", async (dbgstat, secboot, configuration, tier) => {
    const actual = await verdict(gcpClaims({ dbgstat, secboot }));
    expect([actual.vector[1], actual.tier]).toEqual([configuration, tier]);
  });

  it.each([
    ["GCP_AMD_SEV", 2, 2, "verified_good"],
    ["GCP_AMD_SEV_ES", 2, 2, "verified_good"],
    ["GCP_AMD_SEV_SNP", 2, 2, "verified_good"],
    ["GCP_INTEL_TDX", 2, 2, "verified_good"],
    ["GCP_SHIELDED_VM", 0, 0, "verified_good"],
    ["GCP_FUTURE", 1, 0, "could_not_verify"],
  ])("knows the hardware %s", async (hwmodel, hardware, opaque, outcome) => {
    const { vector, outcome: actual } = await verdict(gcpClaims({ hwmodel, tdx: undefined }));
    expect([vector[4], vector[5], actual]).toEqual([hardware, opaque, outcome]);
  });

  it("lets the TCB status lower what the model promises", async () => {
    const tdx = { gcp_attester_tcb_status: "OutOfDate" };
    expect(await verdict(gcpClaims({ tdx }))).toMatchObject({ tier: "warning", outcome: "verified_bad" });
    expect((await verdict(gcpClaims({ tdx: { gcp_attester_tcb_status: "?" } }))).tier).toBe("none");
    expect((await verdict(gcpClaims({ tdx: {} }))).coverage).not.toContain("tcb_level");
  });

  it("claims no workload image for a machine without container", async () => {
    expect((await verdict(gce({ instance_id: "1" }))).coverage).not.toContain("workload_image");
  });
});

describe("what is private", () => {
  it("shows neither arguments nor environment, and keeps the token as it is", async () => {
    const signer = await key;
    const body = await sign(signer, gcpClaims());
    const result = await gcpCsSource.interpret(messageOf(body), contextOf({ keys: [signer.pinned] }));
    expect(JSON.stringify(comparable(result))).not.toContain("hunter2");
    expect(Buffer.from(result.items[0]?.raw ?? []).toString()).toBe(body);
    expect((await verdict(gcpClaims())).measurements).toEqual({
      hwmodel: "GCP_INTEL_TDX",
      swname: "CONFIDENTIAL_SPACE",
      swversion: "250301",
      "container/image_reference": "us-docker.pkg.dev/p/repo/worker:latest",
      "container/image_digest": `sha256:${"4e".repeat(32)}`,
      "container/image_id": `sha256:${"4f".repeat(32)}`,
      "container/restart_policy": "Never",
      support_attributes: "LATEST,STABLE,USABLE",
    });
  });

  it("does not repeat them in a refusal", async () => {
    const args = ["--token=hunter2"];
    const result = await interpret(gcpClaims({}, { args, image_digest: 5 }));
    expect(refusalIn(result)).toBe("claims event/claims");
    expect(JSON.stringify(comparable(result))).not.toContain("hunter2");
  });
});

describe("node identity", () => {
  it("is the instance id, digit by digit", async () => {
    const id = { kind: "cloud_instance", value: "7333251546816446069" };
    expect((await verdict(gcpClaims())).identities).toEqual([id]);
    const number = JSON.stringify(gcpClaims()).replace('"7333251546816446069"', "7333251546816446069");
    expect((await verdict(number)).identities).toEqual([id]);
    expect((await verdict(gce({ instance_id: 42 }))).identities[0]?.value).toBe("42");
  });

  it("is the subject when there is one, and nothing when the token has no instance", async () => {
    expect((await verdict(gcpClaims(), { subject: "n1" })).identities).toEqual([
      { kind: "custom", value: "n1" },
    ]);
    expect(await refusal(gce({}))).toBe("claims event/unknown-node");
    expect(await refusal(gcpClaims({ submods: {} }))).toBe("claims event/unknown-node");
  });
});
