/** Reading AR4SI claims as senders spell them. */
import {
  CLAIMS,
  type Claim,
  isTrustVector,
  statedClaims,
  type Tier,
  type TrustVector,
} from "#lib/domain/ar4si";
import type { Reason } from "#lib/domain/verdict";

/**
 * The vector that an object of claims states; a claim that it leaves out is 0.
 *
 * @returns `null` when a claim is unknown or a value is no signed byte. An unknown claim could be
 *   the one that says something bad, so it is never dropped.
 */
export function vectorOfClaims(claims: Readonly<Record<string, unknown>>): TrustVector | null {
  if (Object.keys(claims).some((name) => !(CLAIMS as readonly string[]).includes(name))) return null;
  return vectorOfValues(CLAIMS.map((claim) => (claims[claim] === undefined ? 0 : claims[claim])));
}

/** The vector that eight values in claim order state; `null` when they are not eight signed bytes. */
export function vectorOfValues(values: readonly unknown[]): TrustVector | null {
  if (!values.every((value) => typeof value === "number") || !isTrustVector(values)) return null;
  return values as unknown as TrustVector;
}

/** A vector in which all eight claims have one value. */
export function uniformVector(value: number): TrustVector {
  return [value, value, value, value, value, value, value, value];
}

/** The vector that known claims add up to; one that is left out is 0. */
export function vectorOfStated(claims: Readonly<Partial<Record<Claim, number>>>): TrustVector {
  return CLAIMS.map((claim) => claims[claim] ?? 0) as unknown as TrustVector;
}

/** A vector in which only one claim is stated. */
export function vectorOf(claim: Claim, value: number): TrustVector {
  return vectorOfStated({ [claim]: value });
}

const TIER_OF_NUMBER = new Map<unknown, Tier>([
  [0, "none"],
  [2, "affirming"],
  [32, "warning"],
  [96, "contraindicated"],
  ["none", "none"],
  ["affirming", "affirming"],
  ["warning", "warning"],
  ["contraindicated", "contraindicated"],
]);

/** Tier that a status names, as a word or as its number (EAR, section "Trustworthiness Tiers"). */
export function tierOfStatus(status: unknown): Tier | null {
  return TIER_OF_NUMBER.get(status) ?? null;
}

/** Wording of claim values; see AR4SI, section "Specific Claims". */
const WORDS: Readonly<Record<Claim, Readonly<Record<number, string>>>> = {
  "instance-identity": {
    96: "the instance is recognised, but known to be untrustworthy",
    97: "the instance is not recognised",
  },
  configuration: {
    32: "the configuration has known vulnerabilities",
    36: "security-relevant configuration was hidden from the verifier",
    96: "the configuration is not acceptable",
  },
  executables: {
    32: "known vulnerable executables are loaded",
    33: "executables are loaded that no reference value covers",
    96: "executables are loaded that the verifier contraindicates",
  },
  "file-system": {
    32: "there are files that no reference value covers",
    96: "there are files that the verifier contraindicates",
  },
  hardware: {
    32: "the hardware or firmware has known vulnerabilities",
    96: "the hardware or firmware is known to be untrustworthy",
    97: "the hardware or firmware is not recognised",
  },
  "runtime-opaque": {
    32: "memory is isolated, but not encrypted",
    96: "memory is visible from outside",
  },
  "storage-opaque": {
    32: "stored secrets are encrypted with keys that no hardware protects",
    96: "stored secrets are not encrypted",
  },
  "sourced-data": {
    32: "data comes from sources that were not attested",
    96: "data comes from sources that are known to be untrustworthy",
  },
};

const COMMON_WORDS: Readonly<Record<number, string>> = {
  [-1]: "the verifier failed while it checked this",
  1: "the evidence about this was unexpected",
  99: "cryptographic validation of the evidence failed",
};

/** One reason for each stated claim that is not affirming, in claim order. */
export function reasonsOfVector(vector: TrustVector): Reason[] {
  return statedClaims(vector)
    .filter(({ tier }) => tier !== "affirming")
    .map(({ claim, value, tier }) => ({
      code: `ar4si.${claim}.${value}`,
      component: claim,
      detail: WORDS[claim][value] ?? COMMON_WORDS[value] ?? `the verifier states ${value} (${tier})`,
    }));
}
