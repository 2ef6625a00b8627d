/** The canonical verdict: one appraisal result of one node by one source. */
import { meaningOfClaim, statedClaims, type Tier, type TrustVector } from "./ar4si.ts";

export const OUTCOMES = [
  "verified_good",
  "verified_bad",
  "not_recognised",
  "could_not_verify",
  "unreachable",
  "pending",
] as const;
/** Six outcomes; the four kinds of not-green (bad, unknown, unverifiable, silent) are never merged. */
export type Outcome = (typeof OUTCOMES)[number];

export const COVERAGE = [
  "identity_key",
  "quote_signature",
  "secure_boot",
  "measured_boot",
  "runtime_integrity",
  "tcb_level",
  "workload_image",
  "debug_state",
] as const;
/** What the verifier really checked. A pass without coverage says so. */
export type Coverage = (typeof COVERAGE)[number];

export const IDENTITY_KINDS = [
  "ek_sha256",
  "ak_sha256",
  "devid_fp",
  "agent_uuid",
  "psa_instance",
  "cca_platform_instance",
  "cloud_instance",
  "vm_id",
  "ueid",
  "spiffe_id",
  "k8s_node_uid",
  "k8s_node_name",
  "provider_id",
  "machine_uid",
  "system_uuid",
  "serial",
  "mac",
  "hostname",
  "ip",
  "boot_id",
  "custom",
] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** Kinds that another machine can take over; they never prove who a node is. */
const WEAK: ReadonlySet<IdentityKind> = new Set(["hostname", "ip", "mac", "k8s_node_name", "boot_id"]);

/** Whether an identity of this kind may decide on its own which node an event belongs to. */
export function isStrongIdentity(kind: IdentityKind): boolean {
  return !WEAK.has(kind);
}

export type NodeIdentity = { kind: IdentityKind; value: string };

/** Why a verdict is not good, as the verifier (or our mapping of it) states it. */
export type Reason = {
  /** The source's own code, for example a Keylime event id; stable, machine-readable. */
  code: string;
  /** Where it was found: a component, claim or submodule. */
  component?: string;
  got?: string;
  expected?: string;
  detail?: string;
};

/** Keyed measurements, `path → value`, for example `pcr/sha256/7`. Never positional. */
export type Measurements = Readonly<Record<string, string>>;

/** One appraisal result as a source folder hands it over. Times are epoch milliseconds. */
export type Verdict = {
  /** How the node is named by the source. The first strong identity decides the node. */
  identities: readonly NodeIdentity[];
  /** A name to show; `null` when the source gives none. */
  displayName: string | null;
  /** Submodule of a composite attester such as `cpu0`; `""` for a plain attester. */
  submod: string;
  /** When the verifier appraised the evidence. */
  observedAtMs: number;
  /** When the source itself says that the verdict stops being valid; `null` when it does not say. */
  expiresAtMs: number | null;
  outcome: Outcome;
  /** The worse of what the vector says and what the verifier stated; never better than either. */
  tier: Tier;
  vector: TrustVector;
  /** `native` when the verifier stated the vector, `derived` when our mapping made it. */
  vectorOrigin: "native" | "derived";
  /** Version of the mapping table that produced derived values; `null` for native ones. */
  mappingVersion: string | null;
  /** The verifier stated a better status than its own vector allows. */
  statusMismatch: boolean;
  coverage: readonly Coverage[];
  measurements: Measurements;
  reasons: readonly Reason[];
  policyIds: readonly string[];
  verifier: { id: string | null; build: string | null };
  /** What binds the result to fresh evidence. A result's own nonce proves nothing about evidence. */
  freshness: "evidence" | "result_only" | "none";
};

/**
 * Outcome that a vector amounts to under a tier.
 *
 * @param tier of the whole statement, see `tierOfStatement`
 */
export function outcomeOf(vector: TrustVector, tier: Tier): Outcome {
  if (tier === "affirming") return "verified_good";
  const worst = statedClaims(vector).filter((claim) => claim.tier === tier);
  const meanings = new Set(worst.map(({ claim, value }) => meaningOfClaim(claim, value)));
  if (tier === "none") return meanings.has("could_not_verify") ? "could_not_verify" : "pending";
  if (meanings.has("known_bad")) return "verified_bad";
  if (meanings.has("could_not_verify")) return "could_not_verify";
  if (meanings.has("not_recognised")) return "not_recognised";
  return "verified_bad";
}
