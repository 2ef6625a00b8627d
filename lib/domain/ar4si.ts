/**
 * AR4SI: Attestation Results for Secure Interactions (draft-ietf-rats-ar4si).
 *
 * A verifier states up to eight claims, each a signed byte. The byte's range is its trust tier.
 */

/** The eight claims in their registered order (keys 0 to 7). */
export const CLAIMS = [
  "instance-identity",
  "configuration",
  "executables",
  "file-system",
  "hardware",
  "runtime-opaque",
  "storage-opaque",
  "sourced-data",
] as const;
export type Claim = (typeof CLAIMS)[number];

/** One value per claim in the order of {@link CLAIMS}; 0 means that the verifier makes no claim. */
export type TrustVector = readonly [number, number, number, number, number, number, number, number];

export const NO_CLAIMS: TrustVector = [0, 0, 0, 0, 0, 0, 0, 0];

/** Trust tiers, from no statement at all to the worst statement. */
export const TIERS = ["none", "affirming", "warning", "contraindicated"] as const;
export type Tier = (typeof TIERS)[number];

/**
 * Tier of one claim value.
 *
 * @param value an integer in -128..127; the caller has checked the range
 */
export function tierOfValue(value: number): Tier {
  if (value >= -1 && value <= 1) return "none";
  if (value >= -32 && value <= 31) return "affirming";
  if (value >= -96 && value <= 95) return "warning";
  return "contraindicated";
}

/** The worse of two tiers. `none` says nothing, so it never hides a statement. */
export function worseTier(a: Tier, b: Tier): Tier {
  return TIERS.indexOf(a) >= TIERS.indexOf(b) ? a : b;
}

/** Tier of a whole vector: its worst claim; `none` when no claim states anything. */
export function tierOfVector(vector: TrustVector): Tier {
  return vector.map(tierOfValue).reduce(worseTier, "none");
}

/**
 * Tier of a statement: the worse of what the vector says and what the verifier states about it.
 *
 * A verifier that states `none` over an affirming vector makes no statement: never better than either.
 */
export function tierOfStatement(vector: TrustVector, stated: Tier): Tier {
  const tier = worseTier(tierOfVector(vector), stated);
  return tier === "affirming" && stated === "none" ? "none" : tier;
}

/** How a claim's value reads to a person. The four kinds of not-green stay apart. */
export type ClaimMeaning =
  | "no_claim"
  | "good"
  | "known_weakness"
  | "known_bad"
  | "not_recognised"
  | "could_not_verify";

const CRYPTO_FAILED = 99;
const UNEXPECTED_EVIDENCE = 1;
const VERIFIER_MALFUNCTION = -1;

/** Values that mean "no matching reference value", which is often just a baseline that we lack. */
const NOT_RECOGNISED: Readonly<Partial<Record<Claim, readonly number[]>>> = {
  "instance-identity": [97],
  hardware: [97],
  executables: [33],
  "file-system": [32],
};

/** Values that mean "parts were hidden from the verifier". */
const UNAVAILABLE: Readonly<Partial<Record<Claim, readonly number[]>>> = { configuration: [36] };

/** What one claim's value means; see AR4SI, section "Specific Claims". */
export function meaningOfClaim(claim: Claim, value: number): ClaimMeaning {
  if (value === 0) return "no_claim";
  if (value === CRYPTO_FAILED || value === UNEXPECTED_EVIDENCE || value === VERIFIER_MALFUNCTION) {
    return "could_not_verify";
  }
  if (NOT_RECOGNISED[claim]?.includes(value)) return "not_recognised";
  if (UNAVAILABLE[claim]?.includes(value)) return "could_not_verify";
  const tier = tierOfValue(value);
  if (tier === "contraindicated") return "known_bad";
  return tier === "warning" ? "known_weakness" : "good";
}

/** The claims of a vector that state something, with value, tier and meaning, in claim order. */
export function statedClaims(
  vector: TrustVector,
): { claim: Claim; value: number; tier: Tier; meaning: ClaimMeaning }[] {
  return CLAIMS.flatMap((claim, index) => {
    const value = vector[index] ?? 0;
    if (value === 0) return [];
    return [{ claim, value, tier: tierOfValue(value), meaning: meaningOfClaim(claim, value) }];
  });
}

/** True when every element is an integer that fits a signed byte. */
export function isTrustVector(values: readonly number[]): boolean {
  return values.length === CLAIMS.length && values.every((v) => Number.isInteger(v) && v >= -128 && v <= 127);
}
