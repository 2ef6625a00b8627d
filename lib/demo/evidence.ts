/** What the verifiers pass on of a node's evidence. Nodes of one cohort have exactly the same. */
import type { DemoNode } from "./fleet.ts";
import { hex } from "./random.ts";

/** What differs between cohorts, and what an episode can change on one node. */
export type Facts = {
  kernel: string;
  secureBoot: boolean;
  /** Path of a file that no reference value covers; `null` = there is none. */
  foreignFile: string | null;
  tcb: "UpToDate" | "OutOfDate";
  debug: boolean;
};

export const KERNELS = { old: "6.12.41-fleet1", current: "6.12.48-fleet1", next: "6.12.52-fleet1" } as const;

const RUNTIME: Record<DemoNode["pool"], { name: string; version: string }> = {
  "control-plane": { name: "containerd", version: "2.1.4" },
  worker: { name: "containerd", version: "2.1.4" },
  gpu: { name: "containerd", version: "2.1.3" },
  edge: { name: "cri-o", version: "1.34.1" },
  confidential: { name: "kata-containers", version: "3.21.0" },
};

const cache = new Map<string, Readonly<Record<string, unknown>>>();

/** Annotated evidence of one submodule; the same facts give the same object. */
export function evidenceOf(node: DemoNode, submod: string, facts: Facts): Readonly<Record<string, unknown>> {
  const { pool, firmware } = node;
  const key = [pool, submod, firmware.vendor, firmware.version, ...Object.values(facts)].join("|");
  const known = cache.get(key);
  if (known) return known;
  const evidence =
    submod === "tpm"
      ? machineEvidence(node, facts)
      : submod === "cpu0"
        ? guestEvidence(node, facts)
        : acceleratorEvidence();
  cache.set(key, evidence);
  return evidence;
}

function machineEvidence({ pool, firmware }: DemoNode, facts: Facts): Record<string, unknown> {
  const { kernel, secureBoot, foreignFile } = facts;
  return {
    kernel: { release: kernel, "cmdline-sha256": hex("cmdline", pool) },
    "secure-boot": { enabled: secureBoot, "dbx-date": "2026-09-09" },
    firmware,
    os: { image: `fleet-os-${kernel === KERNELS.old ? "2026.40" : "2026.46"}` },
    "container-runtime": RUNTIME[pool],
    tpm: {
      pcr00: hex("pcr0", firmware.vendor, firmware.version),
      pcr04: hex("pcr4", kernel),
      pcr07: hex("pcr7", String(secureBoot)),
      pcr11: hex("pcr11", kernel, pool),
    },
    ima: {
      "boot-aggregate": hex("ima", firmware.version, kernel, String(secureBoot)),
      ...(foreignFile === null
        ? {}
        : { "unexpected-file": foreignFile, "unexpected-sha256": hex("file", foreignFile) }),
    },
  };
}

function guestEvidence({ pool, firmware }: DemoNode, { tcb, debug, kernel }: Facts): Record<string, unknown> {
  return {
    snp: {
      measurement: hex("launch", kernel),
      "policy-debug": debug,
      "reported-tcb": tcb === "UpToDate" ? "bl=4 tee=0 snp=24 ucode=219" : "bl=4 tee=0 snp=22 ucode=213",
    },
    tcb_status: tcb,
    firmware,
    kernel: { release: kernel },
    "container-runtime": RUNTIME[pool],
    tpm: { pcr04: hex("vpcr4", kernel), pcr08: hex("vpcr8", kernel), pcr15: hex("vpcr15", pool) },
  };
}

function acceleratorEvidence(): Record<string, unknown> {
  return {
    accelerator: { model: "H100 80GB", "driver-version": "580.95.05", "vbios-version": "96.00.9F.00.01" },
    "confidential-compute": { enabled: true, "dev-mode": false },
  };
}
