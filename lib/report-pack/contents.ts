/** What a caller puts into a pack, and how each part is written. Pure. */
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { toBase64, toHex, utf8 } from "#lib/domain/merkle/bytes";
import { type Checkpoint, parseCheckpoint } from "#lib/domain/merkle/checkpoint";
import { parseNote } from "#lib/domain/merkle/note";
import type { ReportRow } from "#lib/domain/report/snapshot";
import { sha256 } from "#lib/transparency/crypto";
import { FILE } from "./manifest.ts";

/** A raw document as a source sent it, byte for byte. Instants are ISO 8601. */
export type EvidenceDocument = {
  bytes: Uint8Array;
  mediaType: string;
  source: string;
  /** `null` = it is about no node that is known. */
  nodeId: string | null;
  observedAt: string;
  receivedAt: string;
};

/** The text of a policy that counted; its digest is the one that the report names. */
export type PolicyText = { text: string };

/** What is enclosed of the audit log of a trust domain. All are texts as C2SP writes them. */
export type AuditExcerpt = {
  trustDomainId: string;
  /** Keys of the log. */
  vkeys: readonly string[];
  /** The signed checkpoint that the proofs lead to. */
  checkpoint: string;
  /** Proofs of the entries that the pack cites, with their places. */
  proofs: readonly { index: number; text: string }[];
  /** An older checkpoint, and the proof that the log has only grown since; `null` = there is none. */
  before: { checkpoint: string; proof: readonly Uint8Array[] } | null;
};

export const sha256Hex = (bytes: Uint8Array): string => toHex(sha256(bytes));

/** One document per line, each canonical. */
export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${canonicalJson(value)}\n`).join("");
}

export const rowsName = (measureId: string): string => `rows/${measureId}.jsonl`;
export const rowsText = (rows: readonly ReportRow[]): string => jsonLines(rows);

export const evidenceName = (digest: string): string => `evidence/${digest}.bin`;
export const policyName = (digest: string): string => `policies/${digest}.yaml`;

type Files = (readonly [name: string, content: Uint8Array])[];

/** The documents and the list that says what each is about; the same document is enclosed once. */
export function evidenceFiles(documents: readonly EvidenceDocument[]): Files {
  const files = new Map<string, Uint8Array>();
  const lines = documents.map(({ bytes, ...about }) => {
    const digest = sha256Hex(bytes);
    files.set(evidenceName(digest), bytes);
    return canonicalJson({ sha256: digest, ...about });
  });
  if (lines.length === 0) return [];
  const index = [...new Set(lines)].sort().map((line) => `${line}\n`);
  return [...files, [FILE.evidence, utf8(index.join(""))]];
}

export function policyFiles(policies: readonly PolicyText[]): Files {
  return [...new Map(policies.map(({ text }) => [policyName(sha256Hex(utf8(text))), utf8(text)]))];
}

export const AUDIT_FILE = {
  keys: "keys.txt",
  checkpoint: "checkpoint.txt",
  before: "checkpoint-before.txt",
  consistency: "consistency.txt",
} as const;

export function auditFiles(excerpts: readonly AuditExcerpt[]): Files {
  return excerpts.flatMap(({ trustDomainId, vkeys, checkpoint, proofs, before }) => {
    const at = (name: string, text: string) => [`audit/${trustDomainId}/${name}`, utf8(text)] as const;
    return [
      at(AUDIT_FILE.keys, vkeys.map((vkey) => `${vkey}\n`).join("")),
      at(AUDIT_FILE.checkpoint, checkpoint),
      ...proofs.map(({ index, text }) => at(`${index}.tlog-proof`, text)),
      ...(before
        ? [
            at(AUDIT_FILE.before, before.checkpoint),
            at(AUDIT_FILE.consistency, consistencyText(before, checkpoint)),
          ]
        : []),
    ];
  });
}

/** Written as a witness is asked to cosign: the old size, the hashes, and the checkpoint. */
function consistencyText(before: NonNullable<AuditExcerpt["before"]>, checkpoint: string): string {
  const old = checkpointOf(before.checkpoint);
  if (!old) throw new Error("An older checkpoint of the audit log cannot be read");
  return [`old ${old.size}`, ...before.proof.map(toBase64), "", checkpoint].join("\n");
}

/** The checkpoint in a note, whoever signed it. */
export function checkpointOf(note: string): Checkpoint | null {
  const parsed = parseNote(note);
  return parsed && parseCheckpoint(parsed.text);
}
