/** The received bytes of one verdict. */

import { ProblemError } from "#lib/domain/problems";
import { auditRead } from "#lib/services/audit/record-read";
import type { ServiceContext } from "#lib/services/context";
import { type VerdictRef, visibleVerdict } from "./verdict.ts";

/** Exactly what was received; `sha256` is the digest that was taken then, as hex. */
export type RawEvidence = { bytes: Uint8Array; mediaType: string; sha256: string };

/**
 * What a machine sent may tell more about it than the product shows, so reading it goes on the record first.
 *
 * @throws {ProblemError} `evidence/not-found`, also when the bytes are past their retention
 */
export async function nodeRaw(ctx: ServiceContext, ref: VerdictRef): Promise<RawEvidence> {
  const found = await visibleVerdict(ctx, ref);
  if (!found.raw) {
    throw new ProblemError("evidence/not-found", "The bytes are no longer stored; their digest still is.");
  }
  await auditRead(ctx, "evidence.read-raw", {
    trustDomainId: found.trustDomainId,
    entity: "node",
    entityId: ref.nodeId,
    after: { sha256: found.rawSha256 },
  });
  return { bytes: new Uint8Array(found.raw), mediaType: found.rawMediaType, sha256: found.rawSha256 };
}
