/** From the claims of one submodule to the canonical verdict. */
import {
  TIERS,
  type Tier,
  type TrustVector,
  tierOfStatement,
  tierOfValue,
  tierOfVector,
  worseTier,
} from "#lib/domain/ar4si";
import {
  COVERAGE,
  type Coverage,
  type NodeIdentity,
  outcomeOf,
  type Reason,
  type Verdict,
} from "#lib/domain/verdict";
import { measurementsOf } from "#lib/sources/shared/measurements";
import { clip } from "#lib/sources/shared/text";
import { reasonsOfVector } from "#lib/sources/shared/vector";
import { DRAFT_PROFILE, type EarClaims, type EarSubmod } from "./claims.ts";

const CRYPTO_FAILED = 99;

/**
 * What a stated claim says was checked, by claim index.
 *
 * - `instance-identity`: the key that signed the evidence is known, and its signature held.
 * - `executables`: what was loaded at boot was compared. That this goes on after boot cannot be
 *   told from the value alone, so runtime integrity is not claimed.
 * - `file-system`: the files that are there were compared.
 * - `hardware`: the platform's own signature over the evidence held.
 *
 * The other claims name properties, not checks in our list: `configuration`, for one, does not say
 * that Secure Boot was among the things looked at.
 */
const COVERED_BY: Readonly<Record<number, readonly Coverage[]>> = {
  0: ["identity_key", "quote_signature"],
  2: ["measured_boot"],
  3: ["runtime_integrity"],
  4: ["quote_signature"],
};

/** One verdict per submodule, all about one node. */
export function verdictsOf(claims: EarClaims, identity: NodeIdentity): Verdict[] {
  const unexplained = unexplainedStatus(claims);
  return claims.submods.map((submod) => verdictOf(claims, submod, identity, unexplained));
}

/**
 * The status of the whole result when no submodule accounts for it: the verifier knows something
 * bad about the node that it does not pin to a part, so no part may look better.
 */
function unexplainedStatus({ globalStatus, submods }: EarClaims): Tier {
  const worst = submods
    .map(({ status, vector }) => worseTier(status, tierOfVector(vector)))
    .reduce(worseTier, "none");
  return globalStatus !== null && isWorse(globalStatus, worst) ? globalStatus : "none";
}

function verdictOf(claims: EarClaims, submod: EarSubmod, identity: NodeIdentity, unexplained: Tier): Verdict {
  const { vector, annotatedEvidence } = submod;
  const tier = tierOfStatement(vector, worseTier(submod.status, unexplained));
  const measurements = measurementsOf(annotatedEvidence);
  return {
    identities: [identity],
    displayName: null,
    submod: submod.name,
    observedAtMs: claims.issuedAtMs,
    expiresAtMs: claims.expiresAtMs,
    outcome: outcomeOf(vector, tier),
    tier,
    vector,
    vectorOrigin: "native",
    mappingVersion: null,
    statusMismatch: isMismatch(submod.status, vector),
    coverage: coverageOf(vector, measurements),
    measurements,
    reasons: reasonsOf(submod, unexplained),
    policyIds: submod.policyIds,
    verifier: { id: claims.verifier.developer, build: claims.verifier.build },
    freshness: submod.hasOwnNonce && claims.profile === DRAFT_PROFILE ? "evidence" : "result_only",
  };
}

/** The verifier states a better status than its own vector allows; a worse one is its right. */
function isMismatch(status: Tier, vector: TrustVector): boolean {
  const tier = tierOfVector(vector);
  return isWorse(tier, status) && tier !== "affirming";
}

function isWorse(tier: Tier, than: Tier): boolean {
  return TIERS.indexOf(tier) > TIERS.indexOf(than);
}

function coverageOf(vector: TrustVector, measurements: Readonly<Record<string, string>>): Coverage[] {
  const covered = new Set<Coverage>();
  for (const [index, value] of vector.entries()) {
    if (tierOfValue(value) === "none" || value === CRYPTO_FAILED) continue;
    for (const item of COVERED_BY[index] ?? []) covered.add(item);
  }
  const hasTcbStatus = Object.keys(measurements).some((path) => /(^|[/.])tcb_status$/.test(path));
  if (hasTcbStatus) covered.add("tcb_level");
  return COVERAGE.filter((item) => covered.has(item));
}

function reasonsOf({ name, status, vector, problem }: EarSubmod, unexplained: Tier): Reason[] {
  const reasons: Reason[] = [];
  if (problem !== null) reasons.push({ code: "ear.problem", component: name, detail: clip(problem, 500) });
  reasons.push(...reasonsOfVector(vector));
  if (isMismatch(status, vector)) {
    const detail = `the verifier states ${status}, its own vector says ${tierOfVector(vector)}`;
    reasons.push({ code: "ear.status-mismatch", component: name, detail });
  }
  if (status !== "affirming" && isWorse(status, tierOfVector(vector))) {
    const detail = `the verifier states ${status}, worse than its vector`;
    reasons.push({ code: `ear.status.${status}`, component: name, detail });
  }
  if (unexplained !== "none") {
    const detail = `the verifier states ${unexplained} for the whole result`;
    reasons.push({ code: `ear.global-status.${unexplained}`, detail });
  }
  return reasons;
}
