/** From the attesters of a Trust Authority token to canonical verdicts, by the table `ita/1`. */
import { z } from "zod";
import type { Coverage, NodeIdentity, Reason, Verdict } from "#lib/domain/verdict";
import { Anything, asMembers, check, type Members, Text } from "#lib/sources/shared/claims";
import { isDebugStatusOn } from "#lib/sources/shared/debug";
import { type DerivedInput, derivedVerdict, worstValue } from "#lib/sources/shared/derived";
import { appraiseGpu, underOverallResult } from "#lib/sources/shared/gpu";
import { laneName } from "#lib/sources/shared/lane-name";
import { MeasurementSet, measurementsOf } from "#lib/sources/shared/measurements";
import { Refusal } from "#lib/sources/shared/refusal";
import { hardwareOfTcbStatus } from "#lib/sources/shared/tcb";
import { clip, scalarText } from "#lib/sources/shared/text";
import type { StatedTimes } from "#lib/sources/shared/window";
import type { ItaClaims, Lane } from "./lanes.ts";

const MAPPING_VERSION = "ita/1";
const MAX_GPUS = 64;

/** Attesters that keep a guest's memory from its host. */
const TEES: ReadonlySet<string> = new Set(["tdx", "sgx", "sevsnp"]);
/** Attesters whose token must state a TCB level, or nothing is known about their firmware. */
const WITH_TCB: ReadonlySet<string> = new Set(["tdx", "sgx"]);
const DEBUG_CLAIM = /(_is_debuggable|_attributes_debug|_policy_debug(_allowed)?)$/;

const Attester = z.object({
  attester_tcb_status: Text.optional(),
  attester_tcb_date: z.string().optional(),
  attester_advisory_ids: z.union([Text.transform((id) => [id]), z.array(Text).max(256)]).nullish(),
  dbgstat: Text.optional(),
});
type Attester = z.output<typeof Attester>;

type Appraised = Pick<DerivedInput, "vector" | "coverage" | "measurements" | "reasons">;

/** One verdict per attester, all about one node; one per GPU where the token describes them. */
export function verdictsOf(claims: ItaClaims, times: StatedTimes, identity: NodeIdentity): Verdict[] {
  const { matched, unmatched, issuer, hasVerifierNonce } = claims;
  const policyReasons = unmatched.map(
    ({ id, version }): Reason => ({
      code: "ita.policy-unmatched",
      component: "configuration",
      got: id,
      detail: version === null ? "the policy is not met" : clip(`version ${version} is not met`, 500),
    }),
  );
  const verdict = (submod: string, appraised: Appraised, more: Partial<DerivedInput> = {}) =>
    derivedVerdict({
      mappingVersion: MAPPING_VERSION,
      identity,
      submod,
      times,
      policyIds: [...matched, ...unmatched].map(({ id }) => id),
      verifier: { id: issuer, build: null },
      freshness: hasVerifierNonce ? "evidence" : "result_only",
      ...appraised,
      ...more,
      vector: {
        ...appraised.vector,
        configuration: worstValue(unmatched.length > 0 ? 36 : 0, appraised.vector.configuration ?? 0),
      },
      reasons: [...policyReasons, ...appraised.reasons],
    });

  return claims.lanes.flatMap((lane) => {
    if (lane.name !== "nvgpu") return [verdict(lane.name, appraise(lane))];
    const { passed, gpus } = readGpus(lane.claims);
    return underOverallResult(passed, (stated, reasons) =>
      gpus.map(({ name, claims }) => {
        const { freshness, ...gpu } = appraiseGpu(claims, name);
        return verdict(name, { ...gpu, reasons: [...reasons, ...gpu.reasons] }, { freshness, stated });
      }),
    );
  });
}

function appraise({ name, claims }: Lane): Appraised {
  const attester = check(Attester, claims, `attester ${name}`);
  const debug = debugClaims(claims, name);
  const status = attester.attester_tcb_status;
  const isDebug = attester.dbgstat === undefined ? false : isDebugStatusOn(attester.dbgstat);
  const coverage: (Coverage | null)[] = [
    "quote_signature",
    status === undefined ? null : "tcb_level",
    debug.length > 0 || attester.dbgstat !== undefined ? "debug_state" : null,
  ];
  return {
    vector: {
      configuration: worstValue(
        debug.some(([, on]) => on) || isDebug === true ? 96 : 0,
        isDebug === null ? 1 : 0,
      ),
      hardware: status === undefined ? (WITH_TCB.has(name) ? 1 : 0) : hardwareOfTcbStatus(status),
      "runtime-opaque": TEES.has(name) ? 2 : 0,
    },
    coverage,
    measurements: name === "tpm" ? registersOf(claims) : measurementsOf(ownScalars(name, claims)),
    reasons: [...reasonsOfDebug(debug, attester), ...reasonsOfTcb(name, attester)],
  };
}

/** @throws {Refusal} when a debug flag is no boolean: it must not pass as off */
function debugClaims(claims: Members, lane: string): [string, boolean][] {
  return Object.entries(claims)
    .filter(([name]) => DEBUG_CLAIM.test(name))
    .map(([name, value]) => {
      if (typeof value !== "boolean")
        throw new Refusal("claims", `attester ${lane}: ${name} is not a boolean`);
      return [name, value];
    });
}

function reasonsOfDebug(debug: readonly [string, boolean][], { dbgstat }: Attester): Reason[] {
  const reasons: Reason[] = debug
    .filter(([, on]) => on)
    .map(([name]) => ({
      code: "ita.debuggable",
      component: clip(name, 128),
      got: "true",
      expected: "false",
    }));
  if (dbgstat !== undefined && isDebugStatusOn(dbgstat) !== false) {
    reasons.push({ code: "ita.dbgstat", component: "configuration", got: dbgstat, expected: "disabled" });
  }
  return reasons;
}

function reasonsOfTcb(lane: string, attester: Attester): Reason[] {
  const {
    attester_tcb_status: status,
    attester_tcb_date: date,
    attester_advisory_ids: advisories,
  } = attester;
  if (status === undefined || hardwareOfTcbStatus(status) === 2) return [];
  const words = [
    date === undefined || date === "" ? null : `TCB of ${date}`,
    advisories ? `advisories ${advisories.join(", ")}` : null,
  ].filter((text) => text !== null);
  return [
    {
      code: "ita.tcb-status",
      component: lane,
      got: status,
      expected: "UpToDate",
      ...(words.length === 0 ? {} : { detail: clip(words.join(" · "), 500) }),
    },
  ];
}

/** The attester's own claims (`tdx_mrtd`, …). What it says about debugging is no measurement. */
function ownScalars(lane: string, claims: Members): Members {
  return Object.fromEntries(
    Object.entries(claims).filter(
      ([name, value]) => name.startsWith(`${lane}_`) && !DEBUG_CLAIM.test(name) && scalarText(value) !== null,
    ),
  );
}

const Register = z.object({
  algorithm: Text,
  index: z.int().min(0).max(31),
  hash: z.string().regex(/^[0-9a-fA-F]{1,128}$/),
});
const Registers = z.array(Register).max(256);

/** PCR values, which stand in `pcr_records` or `pcrs`, here or inside the lane's own `claims`. */
function registersOf(claims: Members): DerivedInput["measurements"] {
  const inner = Anything.safeParse(claims.claims).data ?? {};
  const stated = inner.pcr_records ?? inner.pcrs ?? claims.pcr_records ?? claims.pcrs ?? [];
  const found = new MeasurementSet();
  for (const { algorithm, index, hash } of check(Registers, stated, "PCRs")) {
    found.add(`pcr/${algorithm.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}/${index}`, hash.toLowerCase());
  }
  return found.all();
}

/** @throws {Refusal} when NVIDIA's overall result or the GPUs themselves are missing */
function readGpus(claims: Members): { passed: boolean; gpus: Lane[] } {
  const passed = claims["x-nvidia-overall-att-result"];
  if (typeof passed !== "boolean") throw new Refusal("claims", "nvgpu: there is no overall result");
  const gpus = Object.entries(asMembers(claims.claim_details, "nvgpu: claim_details"));
  if (gpus.length === 0 || gpus.length > MAX_GPUS) {
    throw new Refusal("claims", `nvgpu: 1 to ${MAX_GPUS} GPUs are described, not ${gpus.length}`);
  }
  return {
    passed,
    gpus: gpus.map(([name, gpu]) => ({ name: laneName(name), claims: asMembers(gpu, "a GPU") })),
  };
}
