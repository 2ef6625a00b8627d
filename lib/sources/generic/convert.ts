/** From our own documents to the canonical verdict and bootstrap event. */
import { NO_CLAIMS, TIERS, type Tier, tierOfVector, worseTier } from "#lib/domain/ar4si";
import type { BootstrapEvent, Provenance } from "#lib/domain/bootstrap-event";
import type { Credential } from "#lib/domain/credential";
import {
  COVERAGE,
  isStrongIdentity,
  type NodeIdentity,
  type Outcome,
  outcomeOf,
  type Verdict,
} from "#lib/domain/verdict";
import { Refusal } from "#lib/sources/shared/refusal";
import { reasonsOfVector } from "#lib/sources/shared/vector";
import type { BootstrapDocument, VerdictDocument } from "./documents.ts";

/** The least that an outcome says about trust when no status stands beside it. */
const TIER_OF_OUTCOME: Readonly<Record<Outcome, Tier>> = {
  verified_good: "affirming",
  verified_bad: "contraindicated",
  not_recognised: "warning",
  could_not_verify: "warning",
  unreachable: "none",
  pending: "none",
};

/**
 * @param subject the node that the sender names outside the document; it must be the same
 * @throws {Refusal} category `claims` when the document contradicts itself or no strong identity
 *   says which node it is about
 */
export function verdictOf(document: VerdictDocument, subject: string | null): Verdict {
  const { node, vector = NO_CLAIMS, verifier } = document;
  if (subject !== null && subject !== node.id) throw conflict();
  const identities = identitiesOf(node);
  if (!identities.some(({ kind }) => isStrongIdentity(kind))) {
    throw new Refusal(
      "claims",
      "only names that another machine can take over are given",
      "event/unknown-node",
    );
  }
  const stated = statedTier(document);
  const vectorTier = tierOfVector(vector);
  if (document.expiresAt !== undefined && document.expiresAt < document.observedAt) {
    throw new Refusal("claims", "expiresAt lies before observedAt");
  }
  return {
    identities,
    displayName: node.displayName ?? null,
    submod: document.submod,
    observedAtMs: document.observedAt,
    expiresAtMs: document.expiresAt ?? null,
    outcome: finalOutcome(document, stated),
    tier: worseTier(vectorTier, stated),
    vector,
    vectorOrigin: "native",
    mappingVersion: null,
    statusMismatch: isMismatch(document, vectorTier),
    coverage: COVERAGE.filter((item) => document.coverage.includes(item)),
    measurements: document.measurements,
    reasons: [...document.reasons.map(withoutUndefined), ...reasonsOfVector(vector)],
    policyIds: document.policyIds,
    verifier: { id: verifier.id ?? null, build: verifier.build ?? null },
    freshness: document.freshness,
  };
}

/** What the sender says about trust in its own words, apart from the vector. */
function statedTier({ outcome, status }: VerdictDocument): Tier {
  if (outcome === undefined && status === undefined) {
    throw new Refusal("claims", "a verdict needs an outcome or a status");
  }
  const implied = outcome === undefined ? "none" : TIER_OF_OUTCOME[outcome];
  if (
    outcome !== undefined &&
    status !== undefined &&
    (status === "affirming") !== (outcome === "verified_good")
  ) {
    throw new Refusal("claims", `outcome ${outcome} and status ${status} contradict each other`);
  }
  return worseTier(status ?? "none", implied);
}

/** The sender's outcome, unless its own vector says something worse than that. */
function finalOutcome({ outcome, vector = NO_CLAIMS }: VerdictDocument, stated: Tier): Outcome {
  if (outcome === undefined || outcome === "verified_good")
    return outcomeOf(vector, worseTier(tierOfVector(vector), stated));
  if ((outcome === "unreachable" || outcome === "pending") && vector.some((value) => value !== 0)) {
    throw new Refusal("claims", `outcome ${outcome} says that nothing was appraised, but there is a vector`);
  }
  return outcomeOf(vector, tierOfVector(vector)) === "verified_bad" ? "verified_bad" : outcome;
}

/** The sender says something better than its own vector allows. */
function isMismatch({ outcome, status }: VerdictDocument, vectorTier: Tier): boolean {
  if (vectorTier === "none" || vectorTier === "affirming") return false;
  return outcome === "verified_good" || (status !== undefined && isWorse(vectorTier, status));
}

function isWorse(tier: Tier, than: Tier): boolean {
  return TIERS.indexOf(tier) > TIERS.indexOf(than);
}

function identitiesOf(node: VerdictDocument["node"]): NodeIdentity[] {
  const all: NodeIdentity[] = [{ kind: node.idType, value: node.id }, ...node.identities];
  if (node.hostname !== undefined) all.push({ kind: "hostname", value: node.hostname });
  const seen = new Set<string>();
  return all.filter(({ kind, value }) => {
    const key = `${kind} ${value}`;
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * @param fallbackId external id for a document that has none: a digest of its bytes
 * @throws {Refusal} when the subject names another node than the document
 */
export function bootstrapEventOf(
  document: BootstrapDocument,
  subject: string | null,
  fallbackId: string,
): BootstrapEvent {
  const { identities, actor } = document;
  const named = identities.length > 0 || subject === null;
  if (named && subject !== null && !identities.some(({ value }) => value === subject)) throw conflict();
  return {
    externalId: document.externalId ?? fallbackId,
    type: document.type,
    outcome: document.outcome,
    reasonCode: document.reasonCode ?? null,
    reasonText: document.reasonText ?? null,
    occurredAtMs: document.occurredAt,
    identities: named ? identities : [{ kind: "custom", value: subject }],
    displayName: document.displayName ?? null,
    actor: { kind: actor.kind, id: actor.id ?? null, address: actor.address ?? null },
    method: document.method ?? null,
    requestId: document.requestId ?? null,
    redactions: [],
    ...(document.credential && { credential: credentialOf(document.credential) }),
    ...(document.provenance && { provenance: provenanceOf(document.provenance) }),
  };
}

function credentialOf(document: NonNullable<BootstrapDocument["credential"]>): Credential {
  return {
    kind: document.kind,
    serial: document.serial ?? null,
    fingerprintSha256: document.fingerprintSha256 ?? null,
    issuer: document.issuer ?? null,
    notBeforeMs: document.notBefore ?? null,
    notAfterMs: document.notAfter ?? null,
  };
}

function provenanceOf({ verified, by, digest }: NonNullable<BootstrapDocument["provenance"]>): Provenance {
  return { verified, by: by ?? null, digest: digest ?? null };
}

function conflict(): Refusal {
  return new Refusal("claims", "the subject names another node than the document", "event/identity-conflict");
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Optional members that are absent stay absent, so that equal reasons are equal objects. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
