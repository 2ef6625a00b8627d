/**
 * Checks an evidence pack with nothing but its bytes and the keys that the reader knows. Pure.
 *
 * Total: whatever the bytes are, they are judged and nothing throws. Nothing is unpacked to a disk.
 */
import type { PublicKey } from "#db/signing";
import { ReportSnapshotSchema } from "#lib/contracts/report-snapshot";
import { sameBytes } from "#lib/domain/merkle/bytes";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { derivedFiles } from "./build.ts";
import { counted, type Finding, failed, hasFailed, notProven, proven, type Standing } from "./finding.ts";
import { FILE, readCanonical } from "./manifest.ts";
import { checkAudit } from "./verify-audit.ts";
import { checkEvidence, checkPolicies } from "./verify-enclosures.ts";
import { checkControls, checkMeasures } from "./verify-figures.ts";
import { checkFiles, type PackFiles, textOf } from "./verify-files.ts";
import { checkSignature } from "./verify-signature.ts";
import { ZIP_LIMITS, type ZipLimits } from "./zip.ts";

/** What the one who checks knows from elsewhere; `null` and empty = nothing. */
export type KnownKeys = { keys: readonly PublicKey[] | null; vkeys: readonly string[] };

export type PackCheck = {
  /**
   * `failed` when anything did; `proven` when nothing did and a key that was given vouches for the pack;
   * `not_proven` when it is whole and nobody says where it is from.
   */
  standing: Standing;
  /** `null` when the report cannot be read. */
  report: {
    id: string;
    digest: string;
    title: string;
    period: ReportSnapshot["period"];
    knownAt: string;
  } | null;
  findings: readonly Finding[];
};

/** @param limits less where somebody waits for others' checks to end */
export function verifyPack(bytes: Uint8Array, known: KnownKeys, limits: ZipLimits = ZIP_LIMITS): PackCheck {
  const { files, findings } = checkFiles(bytes, limits);
  if (!files) {
    const rest = notProven(
      "the rest",
      "Signature, figures and proofs were not looked at: the files are not those of a pack.",
    );
    return { standing: "failed", report: null, findings: [...findings, rest] };
  }
  const all = [...findings, ...checkSignature(files, known.keys)];
  const snapshot = readReport(files);
  if (!snapshot) {
    all.push(
      failed(FILE.report, "This is not the frozen report that the manifest names, or no report at all."),
    );
    return { standing: "failed", report: null, findings: all };
  }
  all.push(
    ...checkMeasures(snapshot),
    ...checkControls(snapshot),
    ...checkDerived(files, snapshot),
    ...checkPolicies(files, snapshot),
    ...checkEvidence(files),
    ...checkAudit(files, snapshot, known.vkeys),
    notProven(
      "rows",
      "That the rows are all that there was, and that what was recorded is true, rests on whoever signed.",
    ),
  );
  const { id, title, period, knownAt } = snapshot;
  return {
    standing: hasFailed(all) ? "failed" : known.keys ? "proven" : "not_proven",
    report: { id, digest: files.manifest.report.digest, title, period, knownAt },
    findings: all,
  };
}

function readReport({ read, manifest }: PackFiles): ReportSnapshot | null {
  const { id, digest } = manifest.report;
  if (manifest.files.find(({ name }) => name === FILE.report)?.sha256 !== digest) return null;
  const parsed = ReportSnapshotSchema.safeParse(
    readCanonical(textOf(read(FILE.report) ?? new Uint8Array()) ?? ""),
  );
  const snapshot = parsed.data;
  return snapshot?.id === id && hasRowsOfEachMeasure(snapshot) ? snapshot : null;
}

function hasRowsOfEachMeasure({ measures, rows }: ReportSnapshot): boolean {
  const ids = new Set(measures.map(({ id }) => id));
  const named = Object.keys(rows);
  return ids.size === measures.length && named.length === ids.size && named.every((id) => ids.has(id));
}

/** Files that say again what the report says must say the same. */
function checkDerived({ read, names }: PackFiles, snapshot: ReportSnapshot): Finding[] {
  const findings: Finding[] = [];
  const written = new Set<string>();
  for (const [name, content] of derivedFiles(snapshot)) {
    written.add(name);
    const found = read(name);
    if (!found) findings.push(failed(name, "It belongs to the report and is not enclosed."));
    else if (!sameBytes(found, content)) findings.push(failed(name, "It does not say what the report says."));
  }
  for (const name of names) {
    const isDerived = name.startsWith("rows/") || name.startsWith("oscal/");
    if (isDerived && !written.has(name))
      findings.push(failed(name, "The report has nothing that it could say."));
  }
  if (findings.length > 0) return findings;
  const files = counted(written.size, "file");
  return [proven("derived files", `${files} of rows, OSCAL and explanation say what the report says.`)];
}
