/**
 * What a Keylime event id means (Keylime `failure.py`, families of `component[.sub].event`).
 *
 * Keylime states a failure and where it arose, not an AR4SI vector. The vector is derived by this
 * table, and every verdict says so. Change a row only together with the version.
 */
import { NO_CLAIMS, type TrustVector } from "#lib/domain/ar4si";
import type { Coverage, Outcome } from "#lib/domain/verdict";
import { uniformVector, vectorOf } from "#lib/sources/shared/vector";

export const MAPPING_VERSION = "keylime/1";

export type EventClass = {
  outcome: Outcome;
  vector: TrustVector;
  /** Whether the quote itself held: its signature, by the enrolled key, over the verifier's nonce. */
  quoteHeld: boolean;
  /** What was compared beyond the quote. */
  compared: readonly Coverage[];
};

const CRYPTO_FAILED = uniformVector(99);
const UNEXPECTED = uniformVector(1);
const EXECUTABLES_BAD = vectorOf("executables", 96);
const CONFIGURATION_BAD = vectorOf("configuration", 96);

/** Rows are tried in order; the first pattern that matches the whole event id decides. */
const TABLE: readonly (EventClass & { pattern: RegExp })[] = [
  // The misspelling is Keylime's own; the right spelling is accepted should it ever be mended.
  row(/^(qoute|quote)_validation\.invalid_(hash|enc|sign)_alg$/, "verified_bad", CONFIGURATION_BAD, false),
  row(/^(qoute|quote)_validation\.quote_validation$/, "could_not_verify", CRYPTO_FAILED, false),
  row(/^(qoute|quote)_validation\..+$/, "could_not_verify", UNEXPECTED, false),

  row(
    /^pcr_validation\.(unused_pcr_\d+|missing_.+|invalid_mb_policy)$/,
    "verified_bad",
    CONFIGURATION_BAD,
    true,
    ["measured_boot"],
  ),
  row(/^pcr_validation\..+$/, "verified_bad", EXECUTABLES_BAD, true, ["measured_boot"]),

  row(/^measured_boot\.policy_.+$/, "verified_bad", EXECUTABLES_BAD, true, ["measured_boot"]),
  // The log does not replay to the quoted PCRs, so nothing in it can be believed.
  row(/^measured_boot\..+$/, "could_not_verify", CRYPTO_FAILED, true),

  row(/^ima\.pcr_mismatch$/, "could_not_verify", CRYPTO_FAILED, true),
  row(/^ima\.valid(ation|ator)\..*not_in_allowlist$/, "not_recognised", vectorOf("executables", 33), true, [
    "runtime_integrity",
  ]),
  row(
    /^ima\.valid(ation|ator)\.(.+\.)?(tomtou|ima_pcr|no_validator)$/,
    "could_not_verify",
    vectorOf("executables", 1),
    true,
  ),
  row(/^ima\.valid(ation|ator)\..+$/, "verified_bad", EXECUTABLES_BAD, true, ["runtime_integrity"]),
  row(/^ima\..+$/, "could_not_verify", vectorOf("executables", 1), true),

  row(/^internal\..+$/, "unreachable", NO_CLAIMS, false),
  row(/^tee_attestation\..+$/, "could_not_verify", vectorOf("hardware", 1), false),
];

/** A failure that the verifier states without a reason that this table knows: bad until explained. */
const UNEXPLAINED: EventClass = {
  outcome: "verified_bad",
  vector: NO_CLAIMS,
  quoteHeld: false,
  compared: [],
};

/** No quote came back; nothing was appraised. */
export const UNREACHABLE: EventClass = {
  outcome: "unreachable",
  vector: NO_CLAIMS,
  quoteHeld: false,
  compared: [],
};

/** Class of an event id; `null` = the notification carries none. */
export function classOfEvent(eventId: string | null): EventClass {
  if (eventId === null) return UNEXPLAINED;
  return TABLE.find(({ pattern }) => pattern.test(eventId)) ?? UNEXPLAINED;
}

function row(
  pattern: RegExp,
  outcome: Outcome,
  vector: TrustVector,
  quoteHeld: boolean,
  compared: readonly Coverage[] = [],
): EventClass & { pattern: RegExp } {
  return { pattern, outcome, vector, quoteHeld, compared };
}
