/** Makes an evidence pack of a report. Pure: the same contents and key give the same bytes. */
import type { Envelope } from "#db/signing";
import type { InstallationKeys } from "#lib/contracts/attestation";
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { utf8 } from "#lib/domain/merkle/bytes";
import { type ReportSnapshot, snapshotText } from "#lib/domain/report/snapshot";
import {
  type AuditExcerpt,
  auditFiles,
  type EvidenceDocument,
  evidenceFiles,
  type PolicyText,
  policyFiles,
  rowsName,
  rowsText,
  sha256Hex,
} from "./contents.ts";
import {
  type EvidenceExtent,
  FILE,
  type Manifest,
  mediaTypeOf,
  PACK_FORMAT,
  STATEMENT_TYPE,
  statementText,
} from "./manifest.ts";
import { assessmentResults } from "./oscal.ts";
import { componentDefinition } from "./oscal-component.ts";
import { readmeText } from "./readme.ts";
import { writeZip, type ZipEntry, zipEntry } from "./zip.ts";

export type PackContents = {
  snapshot: ReportSnapshot;
  /** Raw documents, and how many of those that there are. */
  evidence: { extent: EvidenceExtent; documents: readonly EvidenceDocument[] };
  audit: readonly AuditExcerpt[];
  policies: readonly PolicyText[];
  /** Public keys of the installation; the one that signs is among them. */
  keys: InstallationKeys;
};

/** Signs a payload as its type, with the key that signs statements about nodes. */
export type SignPack = (payloadType: string, payload: Uint8Array) => Envelope;

/** @throws {PackError} for more than a pack may hold */
export function buildPack(contents: PackContents, signPack: SignPack): Uint8Array {
  const report = utf8(snapshotText(contents.snapshot));
  const entries: ZipEntry[] = [];
  const files: Manifest["files"] = [];
  for (const [name, content] of filesOf(contents, report)) {
    const mediaType = mediaTypeOf(name);
    if (mediaType === undefined) throw new Error(`A pack has no file ${name}`);
    const entry = zipEntry(name, content, { deflate: true });
    entries.push(entry);
    files.push({
      ...{ name, mediaType, size: content.length, sha256: sha256Hex(content) },
      packed: { size: entry.packed.length, sha256: sha256Hex(entry.packed) },
    });
  }
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const manifest: Manifest = {
    format: PACK_FORMAT,
    report: { id: contents.snapshot.id, digest: sha256Hex(report) },
    evidence: contents.evidence.extent,
    files,
  };
  const text = utf8(canonicalJson(manifest));
  const envelope = signPack(STATEMENT_TYPE, utf8(statementText(manifest, sha256Hex(text))));
  return writeZip([
    ...entries,
    zipEntry(FILE.manifest, text, { deflate: false }),
    zipEntry(FILE.envelope, utf8(canonicalJson(envelope)), { deflate: false }),
  ]);
}

/** Every file that the manifest names, in any order. */
function filesOf(
  contents: PackContents,
  report: Uint8Array,
): (readonly [name: string, content: Uint8Array])[] {
  const { snapshot, evidence, audit, policies, keys } = contents;
  const json = (name: string, value: unknown) => [name, utf8(canonicalJson(value))] as const;
  return [
    [FILE.report, report],
    ...evidenceFiles(evidence.documents),
    ...policyFiles(policies),
    ...auditFiles(audit),
    json(FILE.keys, keys),
    ...derivedFiles(snapshot),
  ];
}

/** The files that follow from the report alone, as they are written in this format of packs; one at a time. */
export function* derivedFiles(
  snapshot: ReportSnapshot,
): Generator<readonly [name: string, content: Uint8Array]> {
  const { framework, rows } = snapshot;
  yield [FILE.readme, utf8(readmeText(snapshot))];
  for (const [id, ofMeasure] of Object.entries(rows)) yield [rowsName(id), utf8(rowsText(ofMeasure))];
  if (!framework) return;
  yield [FILE.assessment, utf8(canonicalJson(assessmentResults(snapshot, framework)))];
  yield [FILE.component, utf8(canonicalJson(componentDefinition(snapshot, framework)))];
}
