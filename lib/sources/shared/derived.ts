/** Verdicts whose vector our own mapping derives, because the verifier states none. */
import {
  type Claim,
  statedClaims,
  type Tier,
  type TrustVector,
  tierOfValue,
  tierOfVector,
  worseTier,
} from "#lib/domain/ar4si";
import {
  COVERAGE,
  type Coverage,
  type Measurements,
  type NodeIdentity,
  outcomeOf,
  type Reason,
  type Verdict,
} from "#lib/domain/verdict";
import { reasonsOfVector, vectorOfStated } from "./vector.ts";
import type { StatedTimes } from "./window.ts";

export type DerivedInput = {
  mappingVersion: string;
  identity: NodeIdentity;
  /** A name to show; `null` when the token gives none. */
  displayName?: string | null;
  /** Lane of a composite attester; `""` for a plain one. */
  submod: string;
  times: StatedTimes;
  /** Values by claim; a claim that is left out is 0. */
  vector: Readonly<Partial<Record<Claim, number>>>;
  /** What the verifier states beside what the claims show; `none` when it states nothing. */
  stated?: Tier;
  /** What was checked, in any order; `null` and repeated entries do not count. */
  coverage: readonly (Coverage | null)[];
  measurements: Measurements;
  /** Why, in the source's own terms; the derived claims follow by themselves. */
  reasons: readonly Reason[];
  policyIds: readonly string[];
  verifier: Verdict["verifier"];
  freshness: Verdict["freshness"];
};

/** A verdict that says of itself that its vector is derived, and by which table. */
export function derivedVerdict(input: DerivedInput): Verdict {
  const vector = vectorOfStated(input.vector);
  const tier = tierOf(vector, input.stated ?? "none");
  return {
    identities: [input.identity],
    displayName: input.displayName ?? null,
    submod: input.submod,
    observedAtMs: input.times.issuedAtMs,
    expiresAtMs: input.times.expiresAtMs,
    outcome: outcomeOf(vector, tier),
    tier,
    vector,
    vectorOrigin: "derived",
    mappingVersion: input.mappingVersion,
    statusMismatch: false,
    coverage: COVERAGE.filter((item) => input.coverage.includes(item)),
    measurements: input.measurements,
    reasons: [...input.reasons, ...reasonsOfVector(vector)],
    policyIds: input.policyIds,
    verifier: input.verifier,
    freshness: input.freshness,
  };
}

/**
 * The worse of what the vector says and what is stated. A claim that could not be understood takes
 * the good word back: the rest may be affirming, but nobody has said that the whole is.
 */
function tierOf(vector: TrustVector, stated: Tier): Tier {
  const tier = worseTier(tierOfVector(vector), stated);
  const unclear = statedClaims(vector).some(({ meaning }) => meaning === "could_not_verify");
  return tier === "affirming" && unclear ? "none" : tier;
}

const RANK: Readonly<Record<Tier, number>> = { none: 2, affirming: 1, warning: 3, contraindicated: 4 };

/**
 * The worst of several findings about one claim: contraindicated, warning, not understood (1, −1),
 * affirming, no claim. The first of equally bad ones stands.
 */
export function worstValue(...values: readonly number[]): number {
  const rank = (value: number) => (value === 0 ? 0 : RANK[tierOfValue(value)]);
  return values.reduce((worst, value) => (rank(value) > rank(worst) ? value : worst), 0);
}
