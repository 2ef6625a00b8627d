/** What verdicts say, in plain words: claims, outcomes, freshness, signatures, coverage. Pure. */
import type { VerdictView } from "#lib/contracts/node";
import { type Claim, type ClaimMeaning, meaningOfClaim, type Tier } from "#lib/domain/ar4si";
import { COVERAGE, type Coverage, type Outcome } from "#lib/domain/verdict";

export const OUTCOME_WORDS: Record<Outcome, string> = {
  verified_good: "Verified good",
  verified_bad: "Known bad",
  not_recognised: "Not recognised",
  could_not_verify: "Could not verify",
  unreachable: "No answer",
  pending: "No statement yet",
};

export const TIER_WORDS: Record<Tier, string> = {
  none: "None",
  affirming: "Affirming",
  warning: "Warning",
  contraindicated: "Contraindicated",
};

export const MEANING_WORDS: Record<ClaimMeaning, string> = {
  no_claim: "No claim",
  good: "Good",
  known_weakness: "Known weakness",
  known_bad: "Known bad",
  not_recognised: "Not recognised",
  could_not_verify: "Could not verify",
};

/** What each kind of meaning asks of the reader; the four kinds of not-green are different work. */
export const MEANING_HINTS: Record<ClaimMeaning, string> = {
  no_claim: "The verifier says nothing about this",
  good: "Matches what is known to be good",
  known_weakness: "Recognised, but weaker than it should be",
  known_bad: "Matches something known to be bad",
  not_recognised: "Matches no reference value; the reference may simply be missing",
  could_not_verify: "The check itself did not come to a result",
};

export const CLAIM_WORDS: Record<Claim, string> = {
  "instance-identity": "Instance identity",
  configuration: "Configuration",
  executables: "Executables",
  "file-system": "File system",
  hardware: "Hardware",
  "runtime-opaque": "Runtime memory",
  "storage-opaque": "Stored secrets",
  "sourced-data": "Data sources",
};

const ANY_CLAIM: Readonly<Record<number, string>> = {
  [-1]: "The verifier itself failed",
  0: "No claim",
  1: "Unexpected evidence that the verifier could not make sense of",
  99: "Cryptographic validation of the evidence failed",
};

const OF_CLAIM: Record<Claim, Readonly<Record<number, string>>> = {
  "instance-identity": {
    2: "Recognised, and not known to be compromised",
    96: "Recognised, but its key marks it as untrustworthy",
    97: "Not recognised, though it should be",
  },
  configuration: {
    2: "Known good",
    3: "Nothing known to be bad",
    32: "Known vulnerabilities are exposed",
    36: "Security-relevant parts were hidden from the verifier",
    96: "Unsupportable",
  },
  executables: {
    2: "Only approved executables, at boot and since",
    3: "Only approved executables at boot",
    32: "Unsafe or vulnerable executables",
    33: "Unrecognised executables",
    96: "Contraindicated executables",
  },
  "file-system": {
    2: "Only approved files",
    32: "Unrecognised files",
    96: "Contraindicated files",
  },
  hardware: {
    2: "Genuine and supported",
    32: "Genuine, with known vulnerabilities",
    96: "Recognised, and contraindicated",
    97: "Not recognised",
  },
  "runtime-opaque": {
    2: "Encrypted in memory, in a trusted execution environment",
    32: "Isolated, but not encrypted",
    96: "Visible from the host",
  },
  "storage-opaque": {
    2: "Secrets are held under hardware keys only",
    32: "Encrypted, but not under hardware keys",
    96: "Secrets are stored unencrypted",
  },
  "sourced-data": {
    2: "All data comes from affirmed attesters",
    32: "Some data comes from unattested sources",
    96: "Some data comes from contraindicated sources",
  },
};

/** One claim's value as a sentence; a value without registered words is described by its meaning. */
export function claimSentence(claim: Claim, value: number): string {
  return (
    OF_CLAIM[claim][value] ??
    ANY_CLAIM[value] ??
    `${MEANING_WORDS[meaningOfClaim(claim, value)]} (value not registered)`
  );
}

const COVERAGE_WORDS: Record<Coverage, string> = {
  identity_key: "Identity key",
  quote_signature: "Quote signature",
  secure_boot: "Secure Boot",
  measured_boot: "Measured boot",
  runtime_integrity: "Runtime integrity",
  tcb_level: "TCB level",
  workload_image: "Workload image",
  debug_state: "Debug state",
};

/** Every kind of check with whether the verifier says that it made it. */
export function coverageRows(coverage: readonly Coverage[]): { name: string; checked: boolean }[] {
  return COVERAGE.map((kind) => ({ name: COVERAGE_WORDS[kind], checked: coverage.includes(kind) }));
}

export const FRESHNESS_WORDS: Record<VerdictView["freshness"], { label: string; sentence: string }> = {
  evidence: {
    label: "Bound to fresh evidence",
    sentence: "A nonce ties the node's own evidence to this appraisal: it cannot be a replay.",
  },
  result_only: {
    label: "Only the result is fresh",
    sentence: "A nonce ties the result to its request, but nothing proves that the node's evidence is fresh.",
  },
  none: {
    label: "No freshness",
    sentence: "Nothing ties the result or the evidence to a request: an old result would look the same.",
  },
};

/** Who vouches for the bytes, as a short label and a sentence. */
export function signatureWords({ signature, sourceName }: Pick<VerdictView, "signature" | "sourceName">): {
  label: string;
  sentence: string;
} {
  if (signature.status === "unsigned_transport_auth") {
    return {
      label: "Unsigned",
      sentence: `Unsigned; the transport was authenticated as source ${sourceName}. The bytes prove nothing without Touchstone's word.`,
    };
  }
  const key = signature.kid ? `key ${signature.kid}` : "a key without an id";
  const alg = signature.alg ? `, ${signature.alg}` : "";
  return {
    label: "Signature verified",
    sentence: `Signed with ${key}${alg}, pinned for source ${sourceName}.`,
  };
}
