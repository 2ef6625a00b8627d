/** What lies in a pack, and the statement about it that is signed. Pure. */
import { z } from "zod";
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { ZIP_LIMITS } from "./zip.ts";

export const PACK_FORMAT = "touchstone-pack/1";
/** Payload type of the envelope. */
export const STATEMENT_TYPE = "application/vnd.in-toto+json";
const PREDICATE_TYPE = "urn:touchstone:evidence-pack:v1";

export const FILE = {
  manifest: "manifest.json",
  envelope: "manifest.dsse.json",
  readme: "README.txt",
  report: "report.json",
  keys: "keys/jwks.json",
  evidence: "evidence/index.jsonl",
  assessment: "oscal/assessment-results.json",
  component: "oscal/component-definition.json",
} as const;

/** How much of the raw evidence is enclosed: that which the caller chose, or all that is kept. */
export const EVIDENCE_EXTENTS = ["none", "sample", "all"] as const;
export type EvidenceExtent = (typeof EVIDENCE_EXTENTS)[number];

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Size = z.int().nonnegative().max(ZIP_LIMITS.totalBytes);

const ManifestFile = z.strictObject({
  name: z.string().max(200),
  mediaType: z.string().max(100),
  size: Size,
  sha256: Digest,
  /** As it lies in the ZIP: two compressed forms may mean the same, and only one is this pack's. */
  packed: z.strictObject({ size: Size, sha256: Digest }),
});
export type ManifestFile = z.output<typeof ManifestFile>;

const ManifestSchema = z.strictObject({
  format: z.literal(PACK_FORMAT),
  /** `digest` is that of the frozen report. */
  report: z.strictObject({ id: z.uuid(), digest: Digest }),
  evidence: z.enum(EVIDENCE_EXTENTS),
  /** Every other file but the envelope, by name. */
  files: z.array(ManifestFile).max(ZIP_LIMITS.files),
});
export type Manifest = z.output<typeof ManifestSchema>;

/** The manifest in a text; `null` for anything that is not one, letter for letter. */
export function readManifest(text: string): Manifest | null {
  const value = readCanonical(text);
  const manifest = ManifestSchema.safeParse(value);
  return manifest.success ? manifest.data : null;
}

/** The value of a canonical JSON text (RFC 8785); `undefined` for any other text. */
export function readCanonical(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    // No JSON, or nested so deeply that nobody meant it.
    return undefined;
  }
}

/** The in-toto statement that is signed, the same for equal manifests. @param digest SHA-256 of the manifest's text */
export function statementText(manifest: Manifest, digest: string): string {
  const files = manifest.files.map(({ name, sha256 }) => ({ name, digest: { sha256 } }));
  return canonicalJson({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: FILE.manifest, digest: { sha256: digest } }, ...files],
    predicateType: PREDICATE_TYPE,
    predicate: manifest,
  });
}

const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";
const OSCAL_TYPE = "application/oscal+json";
const TEXT_TYPE = "text/plain; charset=utf-8";

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Every name that a file of a pack may have, with its media type. */
const KINDS: readonly (readonly [pattern: RegExp, mediaType: string])[] = [
  [/^report\.json$/, JSON_TYPE],
  [/^README\.txt$/, TEXT_TYPE],
  [/^keys\/jwks\.json$/, "application/jwk-set+json"],
  [/^oscal\/(assessment-results|component-definition)\.json$/, OSCAL_TYPE],
  [/^rows\/[A-Za-z][A-Za-z0-9-]{0,40}\.jsonl$/, LINES_TYPE],
  [/^evidence\/index\.jsonl$/, LINES_TYPE],
  [/^evidence\/[0-9a-f]{64}\.bin$/, "application/octet-stream"],
  [/^policies\/[0-9a-f]{64}\.yaml$/, "application/yaml"],
  [new RegExp(`^audit/${UUID}/(keys|checkpoint|checkpoint-before|consistency)\\.txt$`), TEXT_TYPE],
  [new RegExp(`^audit/${UUID}/(0|[1-9]\\d{0,15})\\.tlog-proof$`), TEXT_TYPE],
];

/** `undefined` for a name that no file of a pack has. */
export function mediaTypeOf(name: string): string | undefined {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1];
}
