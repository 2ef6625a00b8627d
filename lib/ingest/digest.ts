/** Digests of the ingest path. All are SHA-256, as lower-case hex. */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Chain } from "#lib/domain/history";
import type { LaneState } from "#lib/domain/trust-status";
import type { Measurements, Verdict } from "#lib/domain/verdict";

export function sha256(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "hex");
}

/** Names a verdict: the received bytes, and which submodule of them it speaks of. */
export function eventHash(rawSha256: string, submod: string): string {
  return sha256(`${rawSha256}/${submod}`);
}

/** Content address of a measurement set; `null` when there are no measurements. */
export function measurementDigest(measurements: Measurements): string | null {
  if (Object.keys(measurements).length === 0) return null;
  return sha256(canonicalize(measurements) ?? "");
}

/** Digest over everything that opens a new interval when it changes. */
export function evidenceKey(
  verdict: Verdict,
  state: LaneState,
  measurements: string | null,
  kid: string | null,
): string {
  return sha256(
    JSON.stringify([
      state,
      verdict.outcome,
      verdict.tier,
      verdict.vector,
      [...verdict.coverage].sort(),
      verdict.reasons.map(({ code, component, got, expected }) => [code, component, got, expected]),
      verdict.policyIds,
      verdict.verifier,
      measurements,
      kid,
    ]),
  );
}

/** Extends the hash chain of an interval: SHA-256 over the chain so far and the next event hash. */
export const extendRoll: Chain = (roll, event) => sha256(roll + event);
