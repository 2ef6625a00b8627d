/** Whether a stored baseline version is what two people agreed on. */
import { createHash } from "node:crypto";
import type { BaselineContent } from "#lib/domain/baseline";
import { type BaselineStatement, readStatement, STATEMENT_TYPE } from "#lib/domain/baseline-statement";
import { canonicalJson } from "#lib/domain/change-request";
import { openEnvelope, type PublicKey } from "./signing.ts";

/** SHA-256 of the canonical content, hex: equal contents have equal digests, however they were written. */
export function contentDigest(content: BaselineContent): string {
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/** The columns of a version that its soundness is judged by. */
export type StoredVersion = {
  trustDomainId: string;
  baselineId: string;
  version: number;
  digest: Buffer;
  content: BaselineContent;
  signature: unknown;
};

export type Soundness =
  | { state: "sound"; statement: BaselineStatement; kid: string }
  /** A draft: nobody signed it yet. */
  | { state: "unsigned" }
  /** Not what was stored, or not what was signed. It must not be applied. */
  | { state: "tampered"; detail: string };

/** Judge a version. `keys` are those of its trust domain. */
export function soundnessOf(row: StoredVersion, keys: readonly PublicKey[]): Soundness {
  const digest = contentDigest(row.content);
  if (digest !== row.digest.toString("hex")) {
    return { state: "tampered", detail: "The content is not the one that its digest was made of." };
  }
  if (row.signature === null) return { state: "unsigned" };
  const payload = openEnvelope(row.signature, STATEMENT_TYPE, keys);
  if (!payload) return { state: "tampered", detail: "No key of this installation signed it." };
  const statement = readStatement(payload.toString("utf8"));
  const isAbout =
    statement?.trustDomainId === row.trustDomainId &&
    statement.baselineId === row.baselineId &&
    statement.version === row.version &&
    statement.digest === digest;
  if (!statement || !isAbout) return { state: "tampered", detail: "What was signed is another version." };
  const [signature] = (row.signature as { signatures: { keyid: string }[] }).signatures;
  return { state: "sound", statement, kid: signature?.keyid ?? "" };
}
