/** From the claims of a Google Cloud Attestation token to the canonical verdict, by the table `gcp-cs/1`. */
import { z } from "zod";
import type { NodeIdentity, Reason, Verdict } from "#lib/domain/verdict";
import { check, type Members, Text } from "#lib/sources/shared/claims";
import { isDebugStatusOn } from "#lib/sources/shared/debug";
import { derivedVerdict, worstValue } from "#lib/sources/shared/derived";
import { MeasurementSet } from "#lib/sources/shared/measurements";
import { hardwareOfTcbStatus } from "#lib/sources/shared/tcb";
import { isIdentityText } from "#lib/sources/shared/text";
import type { StatedTimes } from "#lib/sources/shared/window";

const MAPPING_VERSION = "gcp-cs/1";

/** Hardware that encrypts the guest's memory. */
const CONFIDENTIAL: ReadonlySet<string> = new Set([
  "GCP_AMD_SEV",
  "GCP_AMD_SEV_ES",
  "GCP_AMD_SEV_SNP",
  "GCP_INTEL_TDX",
]);
/** A virtual machine with a virtual TPM; its memory is open to the host. */
const SHIELDED = "GCP_SHIELDED_VM";

/**
 * What is read of the container. Its `args`, `env` and their overrides may hold secrets: they are
 * not read at all, so that they cannot reach a screen.
 */
const Container = z.object({
  image_reference: z.string().optional(),
  image_digest: Text.optional(),
  image_id: Text.optional(),
  restart_policy: Text.optional(),
});
const Gce = z.object({
  /** A 64-bit number, which the token writes as text. */
  instance_id: z.union([Text, z.number()]).optional(),
  instance_name: Text.optional(),
});
const Token = z.object({
  iss: Text,
  hwmodel: Text,
  swname: Text,
  swversion: z.union([Text, z.array(Text).max(16)]).optional(),
  dbgstat: Text,
  secboot: z.boolean(),
  tdx: z.object({ gcp_attester_tcb_status: Text.optional() }).optional(),
  submods: z.object({
    gce: Gce.optional(),
    container: Container.optional(),
    confidential_space: z.object({ support_attributes: z.array(Text).max(16).optional() }).optional(),
  }),
});
export type GcpClaims = z.output<typeof Token>;

/** @throws {Refusal} category `claims` */
export function readGcpClaims(members: Members): GcpClaims {
  return check(Token, members, "the token");
}

/** One verdict per token; the container and its machine stand or fall together. */
export function verdictOf(token: GcpClaims, times: StatedTimes, identity: NodeIdentity): Verdict {
  const { iss, hwmodel, dbgstat, secboot, tdx, submods } = token;
  const status = tdx?.gcp_attester_tcb_status;
  const isDebug = isDebugStatusOn(dbgstat);
  const name = submods.gce?.instance_name;
  return derivedVerdict({
    mappingVersion: MAPPING_VERSION,
    identity,
    displayName: name !== undefined && isIdentityText(name) ? name : null,
    submod: "",
    times,
    vector: {
      configuration: worstValue(isDebug ? 96 : 0, secboot ? 0 : 32, isDebug === null ? 1 : 2),
      hardware: worstValue(valueOfModel(hwmodel), status === undefined ? 0 : hardwareOfTcbStatus(status)),
      "runtime-opaque": CONFIDENTIAL.has(hwmodel) ? 2 : 0,
    },
    coverage: [
      "quote_signature",
      "secure_boot",
      "debug_state",
      status === undefined ? null : "tcb_level",
      submods.container?.image_digest === undefined ? null : "workload_image",
    ],
    measurements: measurementsOf(token),
    reasons: reasonsOf(token),
    policyIds: [],
    verifier: { id: iss, build: null },
    freshness: "result_only",
  });
}

/** A model that is not in the table is 1: nothing is known about it, so nothing good is said. */
function valueOfModel(hwmodel: string): number {
  if (CONFIDENTIAL.has(hwmodel)) return 2;
  return hwmodel === SHIELDED ? 0 : 1;
}

function reasonsOf({ hwmodel, dbgstat, secboot, tdx }: GcpClaims): Reason[] {
  const status = tdx?.gcp_attester_tcb_status;
  const failing = (component: string, got: string, expected: string): Reason => ({
    code: "gcp.claim",
    component,
    got,
    expected,
  });
  return [
    ...(isDebugStatusOn(dbgstat) === false ? [] : [failing("dbgstat", dbgstat, "disabled-since-boot")]),
    ...(secboot ? [] : [failing("secboot", "false", "true")]),
    ...(valueOfModel(hwmodel) === 1 ? [failing("hwmodel", hwmodel, "a known model")] : []),
    ...(status === undefined || hardwareOfTcbStatus(status) === 2
      ? []
      : [failing("tdx/gcp_attester_tcb_status", status, "UpToDate")]),
  ];
}

function measurementsOf({ hwmodel, swname, swversion, submods }: GcpClaims): Verdict["measurements"] {
  const { container, confidential_space: space } = submods;
  const found = new MeasurementSet();
  found.add("hwmodel", hwmodel);
  found.add("swname", swname);
  found.add("swversion", typeof swversion === "string" ? swversion : swversion?.join(","));
  for (const [name, value] of Object.entries(container ?? {})) found.add(`container/${name}`, value);
  found.add("support_attributes", space?.support_attributes?.toSorted().join(","));
  return found.all();
}
