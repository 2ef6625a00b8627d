/** A stored verdict as the API shows it. */
import type { VerdictRow } from "#db/queries/verdict";
import type { VerdictView } from "#lib/contracts/node";
import { iso, isoOrNull } from "#lib/services/instant";

export function verdictView(row: VerdictRow): VerdictView {
  return {
    eventHash: row.eventHash,
    observedAt: iso(row.observedAt),
    receivedAt: iso(row.receivedAt),
    expiresAt: isoOrNull(row.expiresAt),
    sourceId: row.sourceId,
    sourceName: row.sourceName,
    submod: row.submod,
    state: row.state as VerdictView["state"],
    outcome: row.outcome as VerdictView["outcome"],
    tier: row.tier as VerdictView["tier"],
    vector: row.vector,
    vectorOrigin: row.vectorOrigin as VerdictView["vectorOrigin"],
    mappingVersion: row.mappingVersion,
    statusMismatch: row.statusMismatch,
    coverage: row.coverage as VerdictView["coverage"],
    reasons: row.reasons,
    policyIds: row.policyIds,
    verifierId: row.verifierId,
    verifierBuild: row.verifierBuild,
    freshness: row.freshness as VerdictView["freshness"],
    signature: {
      status: row.kid === null ? "unsigned_transport_auth" : "verified",
      kid: row.kid,
      alg: row.alg,
    },
    backfill: row.backfill,
    rawSha256: row.rawSha256,
    rawMediaType: row.rawMediaType,
    rawAvailable: row.rawAvailable,
    measurementDigest: row.measurementDigest,
  };
}
