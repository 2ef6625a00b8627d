/** What NVIDIA's verifier says about one GPU (claims versions 2.0 and 3.0). */
import { z } from "zod";
import { CLAIMS, type Tier } from "#lib/domain/ar4si";
import type { Coverage, Reason, Verdict } from "#lib/domain/verdict";
import { check, type Members, Text } from "./claims.ts";
import { isDebugStatusOn } from "./debug.ts";
import { type DerivedInput, worstValue } from "./derived.ts";
import { MeasurementSet } from "./measurements.ts";
import { clip, scalarText } from "./text.ts";

const PREFIX = "x-nvidia-gpu-";
const REPORT = `${PREFIX}attestation-report`;

const Gpu = z.object({
  hwmodel: Text,
  measres: Text.nullish(),
  secboot: z.boolean().nullish(),
  dbgstat: Text.nullish(),
  "x-nvidia-attestation-warning": z.string().nullish(),
});
type Gpu = z.output<typeof Gpu>;

/** Whether each reference manifest (RIM) was there, complete, and of the version that runs. */
const RIM_COMPLETE = ["fetched", "schema-validated", "measurements-available"];
const RIMS = ["driver-rim", "vbios-rim"];
/** Checks that this table weighs one by one; any other that failed makes the result unclear. */
const WEIGHED: ReadonlySet<string> = new Set(
  [
    ...["signature-verified", "nonce-match", "parsed", "cert-chain-validated", "cert-chain-fwid-match"].map(
      (name) => `attestation-report-${name}`,
    ),
    "arch-check",
    ...RIMS.flatMap((rim) =>
      [...RIM_COMPLETE, "signature-verified", "cert-validated", "version-match"].map(
        (name) => `${rim}-${name}`,
      ),
    ),
  ].map((name) => PREFIX + name),
);

export type GpuAppraisal = Pick<
  DerivedInput,
  "vector" | "coverage" | "measurements" | "reasons" | "freshness"
>;

/**
 * The derived statement about one GPU.
 *
 * @param what names the GPU in a refusal
 * @throws {Refusal} category `claims`
 */
export function appraiseGpu(claims: Members, what: string): GpuAppraisal {
  const gpu = check(Gpu, claims, what);
  const chain = chainOf(claims, `${REPORT}-cert-chain`, `${REPORT}-cert-chain-validated`);
  const signed = claims[`${REPORT}-signature-verified`] === true;
  const coverage: (Coverage | null)[] = [
    signed ? "quote_signature" : null,
    chain === true ? "identity_key" : null,
    typeof gpu.measres === "string" ? "measured_boot" : null,
    typeof gpu.dbgstat === "string" ? "debug_state" : null,
    typeof gpu.secboot === "boolean" ? "secure_boot" : null,
  ];
  const broken = ["signature-verified", "nonce-match", "parsed"].some(
    (name) => claims[`${REPORT}-${name}`] === false,
  );
  return {
    vector: broken
      ? Object.fromEntries(CLAIMS.map((claim) => [claim, 99]))
      : {
          configuration: worstValue(configurationOf(gpu), otherFailures(claims).length > 0 ? 1 : 0),
          executables: executablesOf(gpu, claims),
          hardware: hardwareOf(claims, chain),
        },
    coverage: broken ? [] : coverage,
    measurements: measurementsOf(claims),
    reasons: reasonsOf(gpu, claims),
    freshness: !broken && claims[`${REPORT}-nonce-match`] === true ? "evidence" : "result_only",
  };
}

/**
 * The verdicts of all GPUs under the verifier's overall result. When it says no and no GPU shows
 * why, the verifier knows something bad that it does not pin to a part, so no part may look good.
 *
 * @param build makes the verdicts; the status and reasons apply to each of them
 */
export function underOverallResult(
  passed: boolean,
  build: (stated: Tier, reasons: readonly Reason[]) => Verdict[],
): Verdict[] {
  const verdicts = build("none", []);
  if (passed || verdicts.some(({ tier }) => tier !== "affirming")) return verdicts;
  return build("contraindicated", [
    { code: "nvidia.overall-result", got: "false", expected: "true", detail: "no GPU shows why" },
  ]);
}

function configurationOf({ dbgstat, secboot }: Gpu): number {
  const debug = typeof dbgstat === "string" ? isDebugStatusOn(dbgstat) : undefined;
  // Whatever is not plainly disabled counts as enabled: the table knows no third state here.
  if (debug === true || debug === null) return 96;
  if (secboot === false) return 32;
  return debug === false && secboot === true ? 2 : 0;
}

function executablesOf({ measres }: Gpu, claims: Members): number {
  const result = measres?.toLowerCase() ?? "";
  if (/fail/.test(result)) return 96;
  const rims = RIMS.map((rim) => valueOfRim(rim, claims));
  return worstValue(result === "success" ? 2 : 1, ...rims);
}

/** 99 when the manifest's own signature does not hold, 1 when it is not complete, 2 when all is well. */
function valueOfRim(rim: string, claims: Members): number {
  const chain = chainOf(claims, `${PREFIX}${rim}-cert-chain`, `${PREFIX}${rim}-cert-validated`);
  const signed = claims[`${PREFIX}${rim}-signature-verified`];
  if (chain === false || signed === false) return 99;
  const complete = RIM_COMPLETE.every((name) => claims[`${PREFIX}${rim}-${name}`] === true);
  const otherVersion = claims[`${PREFIX}${rim}-version-match`] === false;
  return chain === true && signed === true && complete && !otherVersion ? 2 : 1;
}

function hardwareOf(claims: Members, chain: boolean | null): number {
  const otherDevice = [`${REPORT}-cert-chain-fwid-match`, `${PREFIX}arch-check`];
  if (chain === false || otherDevice.some((name) => claims[name] === false)) return 97;
  const proven = ["signature-verified", "nonce-match", "parsed"].every(
    (name) => claims[`${REPORT}-${name}`] === true,
  );
  return proven && chain === true ? 2 : 1;
}

/**
 * Whether a certificate chain holds: claims version 3.0 describes it, version 2.0 gives one boolean.
 * `null` when neither says so.
 */
function chainOf(claims: Members, described: string, validated: string): boolean | null {
  const chain = claims[described];
  if (typeof chain === "object" && chain !== null) {
    const { "x-nvidia-cert-status": status, "x-nvidia-cert-ocsp-status": ocsp } = chain as Members;
    return status === "valid" && ocsp === "good" && claims[validated] !== false;
  }
  const valid = claims[validated];
  return typeof valid === "boolean" ? valid : null;
}

function failures(claims: Members): string[] {
  return Object.keys(claims).filter((name) => name.startsWith("x-nvidia-") && claims[name] === false);
}

function otherFailures(claims: Members): string[] {
  return failures(claims).filter((name) => !WEIGHED.has(name));
}

function measurementsOf(claims: Members): DerivedInput["measurements"] {
  const found = new MeasurementSet();
  for (const name of ["hwmodel", "ueid", "oemid", `${PREFIX}driver-version`, `${PREFIX}vbios-version`]) {
    found.add(name.replace(PREFIX, ""), claims[name]);
  }
  return found.all();
}

function reasonsOf(gpu: Gpu, claims: Members): Reason[] {
  const { measres, secboot, dbgstat, "x-nvidia-attestation-warning": warning } = gpu;
  const reasons: Reason[] = failures(claims)
    .slice(0, 64)
    .map((name) => ({
      code: "nvidia.check-failed",
      component: clip(name, 128),
      got: "false",
      expected: "true",
    }));
  for (const [name, chain] of Object.entries(claims)) {
    if (!name.endsWith("-cert-chain") || chainOf(claims, name, "") !== false) continue;
    const { "x-nvidia-cert-status": status, "x-nvidia-cert-ocsp-status": ocsp } = chain as Members;
    const detail = clip(
      `certificate ${scalarText(status) ?? "unknown"}, OCSP ${scalarText(ocsp) ?? "unknown"}`,
      500,
    );
    reasons.push({ code: "nvidia.cert-chain", component: clip(name, 128), detail });
  }
  if (measres?.toLowerCase() !== "success") {
    reasons.push({
      code: "nvidia.measres",
      component: "executables",
      got: measres ?? "absent",
      expected: "success",
    });
  }
  if (typeof dbgstat === "string" && isDebugStatusOn(dbgstat) !== false) {
    reasons.push({ code: "nvidia.dbgstat", component: "configuration", got: dbgstat, expected: "disabled" });
  }
  if (secboot === false) {
    reasons.push({ code: "nvidia.secboot", component: "configuration", got: "false", expected: "true" });
  }
  if (typeof warning === "string" && warning !== "") {
    reasons.push({ code: "nvidia.warning", detail: clip(warning, 500) });
  }
  return reasons;
}
