/** From the claims of a simple token to the canonical verdict, by the table `coco-simple/1`. */
import type { NodeIdentity, Reason, Verdict } from "#lib/domain/verdict";
import type { Members } from "#lib/sources/shared/claims";
import { derivedVerdict, worstValue } from "#lib/sources/shared/derived";
import { measurementsOf } from "#lib/sources/shared/measurements";
import { hardwareOfTcbStatus } from "#lib/sources/shared/tcb";
import { scalarText } from "#lib/sources/shared/text";
import type { PolicyReport, SimpleClaims } from "./claims.ts";

const MAPPING_VERSION = "coco-simple/1";

/** First part of the dotted names of each platform that encrypts the guest's memory. */
const TEES: ReadonlySet<string> = new Set(["sgx", "tdx", "snp", "azsnpvtpm", "aztdxvtpm"]);

/** The verdict about one guest; the token has no submodules. */
export function verdictOf(claims: SimpleClaims, identity: NodeIdentity): Verdict {
  const { reports, tcb, times, issuer } = claims;
  const debug = debugOf(tcb);
  const tcbStatuses = claimsEnding(tcb, "tcb_status");
  const isTee = Object.keys(tcb).some((name) => TEES.has((name.split(".")[0] ?? "").replaceAll(/[-_]/g, "")));
  return derivedVerdict({
    mappingVersion: MAPPING_VERSION,
    identity,
    submod: "",
    times,
    vector: {
      configuration: worstValue(...reports.map(valueOfReport), valueOfDebug(debug)),
      hardware: worstValue(...tcbStatuses.map((status) => hardwareOfTcbStatus(status ?? ""))),
      "runtime-opaque": isTee ? 2 : 0,
    },
    coverage: [
      isTee ? "quote_signature" : null,
      tcbStatuses.length === 0 ? null : "tcb_level",
      typeof debug === "boolean" ? "debug_state" : null,
    ],
    measurements: measurementsOf(tcb),
    reasons: [...reports.flatMap(reasonOfReport), ...reasonOfDebug(debug)],
    policyIds: reports.map(({ id }) => id),
    verifier: { id: issuer, build: null },
    freshness: "result_only",
  });
}

/** A policy that is not met: which part of the guest it objects to, the token does not say. */
function valueOfReport({ allow }: PolicyReport): number {
  if (allow === null) return 1;
  return allow ? 0 : 36;
}

function reasonOfReport({ id, allow }: PolicyReport): Reason[] {
  if (allow === true) return [];
  const detail = allow === false ? "the policy is not met" : "the policy's result has no known form";
  return [{ code: allow === false ? "coco.policy-denied" : "coco.policy-unclear", component: id, detail }];
}

/** `null` = the platform states its debug flag in a form that cannot be read; `undefined` = not at all. */
type DebugState = boolean | null | undefined;

/**
 * Whether the guest may be debugged: SGX `ATTRIBUTES.FLAGS` bit 1, TDX `TD_ATTRIBUTES` bit 0 (both
 * little-endian), or the SEV-SNP policy bit that the service has already decoded.
 */
function debugOf(tcb: Members): DebugState {
  const states: DebugState[] = [
    ...claimsEnding(tcb, "attributes.flags").map((hex) => bitOf(hex, 0x02)),
    ...claimsEnding(tcb, "td_attributes").map((hex) => bitOf(hex, 0x01)),
    ...claimsEnding(tcb, "policy_debug_allowed").map(flagOf),
  ];
  if (states.includes(true)) return true;
  return states.includes(null) ? null : states[0];
}

function bitOf(hex: string | null, mask: number): boolean | null {
  if (hex === null || !/^([0-9a-f]{2}){8}$/i.test(hex)) return null;
  return (Number.parseInt(hex.slice(0, 2), 16) & mask) !== 0;
}

function flagOf(flag: string | null): boolean | null {
  if (flag === "true" || flag === "1") return true;
  return flag === "false" || flag === "0" ? false : null;
}

function valueOfDebug(debug: DebugState): number {
  if (debug === true) return 96;
  return debug === null ? 1 : 0;
}

function reasonOfDebug(debug: DebugState): Reason[] {
  return debug === true
    ? [{ code: "coco.debug", component: "configuration", detail: "the guest may be debugged from outside" }]
    : [];
}

/** The claims whose dotted name ends so, whatever platform they stand under; `null` = no scalar. */
function claimsEnding(tcb: Members, ending: string): (string | null)[] {
  return Object.keys(tcb)
    .filter((name) => name === ending || name.endsWith(`.${ending}`))
    .map((name) => scalarText(tcb[name]));
}
