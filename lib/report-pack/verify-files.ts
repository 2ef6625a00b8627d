/** Checks that a pack holds the files that its manifest names, and no others. Pure. */
import { sha256Hex } from "./contents.ts";
import { counted, type Finding, failed, proven } from "./finding.ts";
import { FILE, type Manifest, type ManifestFile, mediaTypeOf, readManifest } from "./manifest.ts";
import { readZip, unpack, type ZipEntry, type ZipLimits } from "./zip.ts";

/** The files of a pack, unpacked when they are asked for: together they may be large. */
export type PackFiles = {
  manifest: Manifest;
  /** SHA-256 of the manifest's text. */
  manifestDigest: string;
  names: readonly string[];
  /** Content of a file that the manifest names, or of the envelope; `null` = there is none. */
  read: (name: string) => Uint8Array | null;
};

const REQUIRED = [FILE.envelope, FILE.report, FILE.readme, FILE.keys];

/** @returns `files` null = something is wrong with them, and what they say is not worth looking at */
export function checkFiles(
  bytes: Uint8Array,
  limits: ZipLimits,
): { files: PackFiles | null; findings: Finding[] } {
  const refused = (part: string, text: string) => ({ files: null, findings: [failed(part, text)] });
  const zip = readZip(bytes, limits);
  if (!zip.ok) return refused(zip.fault.part, `${zip.fault.part} ${zip.fault.why}.`);
  const entries = new Map(zip.entries.map((entry) => [entry.name, entry]));
  const read = (name: string) => {
    const entry = entries.get(name);
    return entry ? unpack(entry) : null;
  };
  const manifestBytes = read(FILE.manifest);
  if (!manifestBytes) return refused(FILE.manifest, "The pack has no readable manifest.");
  const manifest = readManifest(textOf(manifestBytes) ?? "");
  if (!manifest) return refused(FILE.manifest, "This is no manifest of a pack that this command knows.");
  const faults = [
    ...namesOf(manifest, entries),
    ...manifest.files.flatMap((file) => faultsOf(file, entries)),
  ];
  if (faults.length > 0) return { files: null, findings: faults };
  const names = manifest.files.map(({ name }) => name);
  const all = `All ${counted(names.length, "file")} are, byte for byte, the ones that the manifest names.`;
  return {
    files: { manifest, manifestDigest: sha256Hex(manifestBytes), names, read },
    findings: [proven("files", `The ZIP holds nothing that is not accounted for. ${all}`)],
  };
}

/** `null` for what is no UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function namesOf({ files }: Manifest, entries: ReadonlyMap<string, ZipEntry>): Finding[] {
  const findings: Finding[] = [];
  const named = new Set<string>([FILE.manifest, FILE.envelope]);
  let before = "";
  for (const { name, mediaType } of files) {
    if (mediaTypeOf(name) === undefined) findings.push(failed(name, "A pack has no file of this name."));
    else if (mediaTypeOf(name) !== mediaType) {
      findings.push(failed(name, "The manifest gives it a media type that files of this name do not have."));
    }
    if (name <= before) findings.push(failed(FILE.manifest, `It names ${name} twice, or out of order.`));
    named.add(name);
    before = name;
  }
  for (const name of entries.keys()) {
    if (!named.has(name))
      findings.push(failed(name, "It lies in the ZIP, and the manifest does not name it."));
  }
  for (const name of REQUIRED) {
    if (!named.has(name) || !entries.has(name)) findings.push(failed(name, "It is missing."));
  }
  return findings;
}

function faultsOf(file: ManifestFile, entries: ReadonlyMap<string, ZipEntry>): Finding[] {
  const { name, size, sha256, packed } = file;
  const entry = entries.get(name);
  if (!entry) return [failed(name, "The manifest names it, and it is not there.")];
  if (entry.packed.length !== packed.size || sha256Hex(entry.packed) !== packed.sha256) {
    return [failed(name, "Its bytes are not those that the manifest names: it was changed or exchanged.")];
  }
  const content = unpack(entry);
  if (content?.length === size && sha256Hex(content) === sha256) return [];
  return [failed(name, "What it unpacks to is not what the manifest names.")];
}
