/** The received bytes of one verdict. */
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { type VerdictRef, visibleVerdict } from "./verdict.ts";

/** Exactly what was received; `sha256` is the digest that was taken then, as hex. */
export type RawEvidence = { bytes: Uint8Array; mediaType: string; sha256: string };

/** @throws {ProblemError} `evidence/not-found`, also when the bytes are past their retention */
export async function nodeRaw(ctx: ServiceContext, ref: VerdictRef): Promise<RawEvidence> {
  const found = await visibleVerdict(ctx, ref);
  if (!found.raw) {
    throw new ProblemError("evidence/not-found", "The bytes are no longer stored; their digest still is.");
  }
  return { bytes: new Uint8Array(found.raw), mediaType: found.rawMediaType, sha256: found.rawSha256 };
}
