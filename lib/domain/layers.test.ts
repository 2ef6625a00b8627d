import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRegister, LAYERS, layerOf } from "./layers.ts";

/** Paths that the sources really emit, by the layer that a person would look in. */
const EXPECTED: Readonly<Record<(typeof LAYERS)[number], readonly string[]>> = {
  firmware: [
    "pcr/sha256/0",
    "pcr/sha1/1",
    "firmware/version",
    "vbios-version",
    "accelerator/vbios-version",
    "tdx.quote.body.mr_td",
    "tdx_mrseam",
    "tdx_rtmr0",
    "tdx.quote.body.rtmr_0",
    "tcb_status",
    "az-snp-vtpm/reported_tcb",
    "x-ms-sevsnpvm-bootloader-svn",
    "x-ms-sevsnpvm-launchmeasurement",
    "snp/measurement",
    "psa-software-components/BL/measurement-value",
    "cca/platform/cca-platform-implementation-id",
    "hwmodel",
  ],
  boot: ["pcr/sha256/4", "ima/boot-aggregate", "tdx_rtmr1", "tpm/pcr04"],
  secure_boot: ["pcr/sha256/7", "secure-boot/enabled", "secure-boot/dbx-date", "pcr/sha256/14"],
  kernel: ["kernel/release", "driver-version", "pcr/sha256/11", "tdx_rtmr2"],
  cmdline: ["kernel/cmdline-sha256", "pcr/sha256/8", "pcr/sha256/12"],
  ima_file: ["ima/unexpected-file", "ima/usr/bin/sudo", "pcr/sha256/10"],
  container_runtime: ["container-runtime/name", "container-runtime/version"],
  image: [
    "os/image",
    "container/image_digest",
    "container/image_reference",
    "subject/node-image.raw/sha256",
    "sgx_mrenclave",
    "sgx.body.mr_signer",
    "cca/realm/cca-realm-initial-measurement",
    "x-ms-azurevm-osdistro",
  ],
  config: ["init_data", "snp/policy-debug", "support_attributes", "tdx_rtmr3", "pcr/sha256/23", "whatever"],
  role: ["role", "node/role"],
};

describe("a register", () => {
  it.each(["pcr/sha256/0", "PCR/SHA256/23", "vpcr_7", "tdx_rtmr3", "azure/tpm/pcr4"])(
    "is one: %s",
    (path) => {
      expect(isRegister(path)).toBe(true);
    },
  );

  it.each(["", "kernel/release", "ima/usr/bin/pcr", "pcr", "pcr/sha256/7/extra", "rtmr"])(
    "is none: %s",
    (path) => {
      expect(isRegister(path)).toBe(false);
    },
  );
});

describe("the layer of a path", () => {
  it.each(LAYERS.flatMap((layer) => EXPECTED[layer].map((path) => [path, layer] as const)))(
    "%s is %s",
    (path, layer) => {
      expect(layerOf(path)).toBe(layer);
    },
  );

  it("is one of the layers for any text, and quickly", () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (path) => LAYERS.includes(layerOf(path))));
    const startedMs = performance.now();
    layerOf("boot-".repeat(20_000));
    layerOf("a/".repeat(50_000));
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
