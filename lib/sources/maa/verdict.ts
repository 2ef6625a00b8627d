/** From the claims of a Microsoft Azure Attestation token to the canonical verdict, by the table `maa/1`. */
import { z } from "zod";
import type { NodeIdentity, Reason, Verdict } from "#lib/domain/verdict";
import { Anything, asMembers, check, type Members, Text } from "#lib/sources/shared/claims";
import { isDebugStatusOn } from "#lib/sources/shared/debug";
import { derivedVerdict, worstValue } from "#lib/sources/shared/derived";
import type { NamingClaim } from "#lib/sources/shared/identity";
import { measurementsOf } from "#lib/sources/shared/measurements";
import { resolvePointer } from "#lib/sources/shared/pointer";
import { Refusal } from "#lib/sources/shared/refusal";
import { hardwareOfTcbStatus } from "#lib/sources/shared/tcb";
import { clip, scalarText } from "#lib/sources/shared/text";
import type { StatedTimes } from "#lib/sources/shared/window";

const MAPPING_VERSION = "maa/1";

const Type = z.enum(["azurevm", "sevsnpvm", "tdxvm", "sgx"]);
const Part = z.object({
  "x-ms-attestation-type": Type,
  "x-ms-compliance-status": Text.optional(),
  "x-ms-policy-hash": Text.optional(),
  attester_tcb_status: Text.optional(),
  dbgstat: Text.optional(),
  iss: Text.optional(),
});

/** Flags that let someone else into the machine, as the virtual TPM's log and the TEE report them. */
const OPENING_FLAG =
  /^((x-ms-.*-)?is-debuggable|x-ms-.*-([a-z]*debug|testsigning)-enabled|tdx_td_attributes_debug)$/;
/** Claims that must not be false, with the coverage of a stated one. */
const SECURE_BOOT = ["secureboot", "x-ms-azurevm-dbxvalidated"];
/** Numbers, digests and names that describe what runs; anything else may be private or change each time. */
const MEASURED =
  /^(x-ms-(sevsnpvm|sgx|azurevm)-(launchmeasurement|hostdata|.*digest|.*-?svn|imageId|familyId|vmpl|mrenclave|mrsigner|product-id|svn|os[a-z-]+)|tdx_(mr[a-z]+|rtmr[0-3]|seamsvn|td_attributes|xfam|tee_tcb_svn))$/;

export type MaaClaims = {
  issuer: string | null;
  policyHash: string | null;
  /** The token's own claims and, for a virtual machine in a TEE, those about its isolation. */
  parts: readonly (z.output<typeof Part> & { claims: Members })[];
};

/** @throws {Refusal} category `claims`; a kind of attestation that is not known is refused */
export function readMaaClaims(members: Members): MaaClaims {
  const isolation = members["x-ms-isolation-tee"];
  const parts = [
    { ...check(Part, members, "the token"), claims: members },
    ...(isolation === undefined ? [] : [isolationOf(asMembers(isolation, "x-ms-isolation-tee"))]),
  ];
  const [own] = parts;
  return { issuer: own?.iss ?? null, policyHash: own?.["x-ms-policy-hash"] ?? null, parts };
}

function isolationOf(claims: Members) {
  return { ...check(Part, claims, "x-ms-isolation-tee"), claims };
}

/** Where Azure states the virtual machine's id; both places must agree. */
export function namingClaimsOf({ parts }: MaaClaims): NamingClaim[] {
  const values = parts.flatMap(({ claims }) => [
    claims["x-ms-azurevm-vmid"],
    resolvePointer(claims, "/x-ms-runtime/vm-configuration/vmUniqueId"),
  ]);
  return ["x-ms-azurevm-vmid", "vmUniqueId"].map((name) => ({ kind: "vm_id", name, values }));
}

/** One verdict per token: boot state and isolation are two views of one machine. */
export function verdictOf(maa: MaaClaims, times: StatedTimes, identity: NodeIdentity): Verdict {
  const tee = maa.parts.find((part) => part["x-ms-attestation-type"] !== "azurevm");
  const statuses = maa.parts.flatMap(({ attester_tcb_status: status }) => status ?? []);
  const compliances = maa.parts.flatMap((part) => part["x-ms-compliance-status"] ?? []);
  const debugStates = maa.parts.flatMap(({ dbgstat }) => dbgstat ?? []);
  const opening = maa.parts.flatMap(({ claims }) => flagsOf(claims, (name) => OPENING_FLAG.test(name)));
  const secureBoot = maa.parts.flatMap(({ claims }) => secureBootFlags(claims));
  return derivedVerdict({
    mappingVersion: MAPPING_VERSION,
    identity,
    submod: "",
    times,
    vector: {
      configuration: configurationOf(opening, secureBoot, debugStates),
      hardware: worstValue(
        ...compliances.map((status) => (status.startsWith("azure-compliant-") ? 2 : 1)),
        ...statuses.map(hardwareOfTcbStatus),
      ),
      "runtime-opaque": tee === undefined ? 0 : 2,
    },
    coverage: [
      tee === undefined ? null : "quote_signature",
      secureBoot.some(([name]) => name !== "x-ms-azurevm-dbxvalidated") ? "secure_boot" : null,
      opening.length + debugStates.length > 0 ? "debug_state" : null,
      statuses.length > 0 ? "tcb_level" : null,
    ],
    measurements: measurementsOf(measured(maa)),
    reasons: [
      ...opening.filter(([, on]) => on).map(([name]) => failing(name, "true", "false")),
      ...debugStates
        .filter((status) => isDebugStatusOn(status) !== false)
        .map((status) => failing("dbgstat", status, "disabled")),
      ...secureBoot.filter(([, on]) => !on).map(([name]) => failing(name, "false", "true")),
      ...statuses
        .filter((status) => hardwareOfTcbStatus(status) !== 2)
        .map((status) => failing("attester_tcb_status", status, "UpToDate")),
      ...compliances
        .filter((status) => !status.startsWith("azure-compliant-"))
        .map((status) => failing("x-ms-compliance-status", status, "azure-compliant-…")),
    ],
    policyIds: maa.policyHash === null ? [] : [maa.policyHash],
    verifier: { id: maa.issuer, build: null },
    freshness: "result_only",
  });
}

type Flag = readonly [name: string, on: boolean];

function configurationOf(
  opening: readonly Flag[],
  secureBoot: readonly Flag[],
  debugStates: readonly string[],
): number {
  const states = debugStates.map(isDebugStatusOn);
  const known = secureBoot.some(([name, on]) => on && name !== "x-ms-azurevm-dbxvalidated");
  return worstValue(
    opening.some(([, on]) => on) || states.includes(true) ? 96 : 0,
    secureBoot.some(([, on]) => !on) ? 32 : 0,
    states.includes(null) ? 1 : 0,
    known ? 2 : 0,
  );
}

/** @throws {Refusal} when such a claim is no boolean: it must not pass as the good value */
function flagsOf(claims: Members, wanted: (name: string) => boolean): Flag[] {
  return Object.entries(claims)
    .filter(([name]) => wanted(name))
    .map(([name, value]) => {
      if (typeof value !== "boolean") throw new Refusal("claims", `${name} is not a boolean`);
      return [name, value];
    });
}

function secureBootFlags(claims: Members): Flag[] {
  const configuration =
    Anything.safeParse(resolvePointer(claims, "/x-ms-runtime/vm-configuration")).data ?? {};
  return [
    ...flagsOf(claims, (name) => SECURE_BOOT.includes(name)),
    ...flagsOf(configuration, (name) => name === "secure-boot"),
  ];
}

function failing(name: string, got: string, expected: string): Reason {
  return { code: "maa.claim", component: clip(name, 128), got: clip(got, 256), expected };
}

function measured({ parts }: MaaClaims): Members {
  return Object.fromEntries(
    parts.flatMap(({ claims }) =>
      Object.entries(claims).filter(([name, value]) => MEASURED.test(name) && scalarText(value) !== null),
    ),
  );
}
