/** Digests of the ingest path. All are SHA-256, as lower-case hex. */
import { hash } from "node:crypto";
import type { Chain } from "#lib/domain/history";
import type { LaneState } from "#lib/domain/trust-status";
import type { Measurements, Verdict } from "#lib/domain/verdict";
import { canonicalText } from "./canonical.ts";

export function sha256(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "hex");
}

/** Texts whose digest is remembered; nearly every verdict of a fleet repeats one of a few. */
const MAX_REMEMBERED = 20_000;
/** A text longer than this is hashed each time, so that memory stays bounded: 20,000 × 4 KiB. */
const MAX_REMEMBERED_CHARS = 4_096;
const remembered = new Map<string, string>();

/** {@link sha256} of a text that is likely to come again. */
function sha256OfRepeated(text: string): string {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const digest = sha256(text);
  if (text.length > MAX_REMEMBERED_CHARS) return digest;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(text, digest);
  return digest;
}

/** Names a verdict: the received bytes, and which submodule of them it speaks of. */
export function eventHash(rawSha256: string, submod: string): string {
  return sha256(`${rawSha256}/${submod}`);
}

/** Content address of a measurement set; `null` when there are no measurements. */
export function measurementDigest(measurements: Measurements): string | null {
  if (Object.keys(measurements).length === 0) return null;
  return sha256OfRepeated(canonicalText(measurements));
}

/** Digest over everything that opens a new interval when it changes. */
export function evidenceKey(
  verdict: Verdict,
  state: LaneState,
  measurements: string | null,
  kid: string | null,
): string {
  return sha256OfRepeated(
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
