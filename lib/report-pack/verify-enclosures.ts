/** Checks what is enclosed besides the report: policies and raw evidence. Pure. */
import { z } from "zod";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { evidenceName, jsonLines, policyName } from "./contents.ts";
import { counted, type Finding, failed, notProven, proven } from "./finding.ts";
import { FILE, readCanonical } from "./manifest.ts";
import { type PackFiles, textOf } from "./verify-files.ts";

/** The digest in a name is that of the content, which the manifest states. */
function misnamed({ manifest }: PackFiles, folder: string, nameOf: (digest: string) => string): Finding[] {
  return manifest.files
    .filter(
      ({ name, sha256 }) => name.startsWith(folder) && name !== FILE.evidence && name !== nameOf(sha256),
    )
    .map(({ name }) => failed(name, "It is named by a digest that is not its own."));
}

export function checkPolicies(files: PackFiles, { policies }: ReportSnapshot): Finding[] {
  const wrong = misnamed(files, "policies/", policyName);
  const named = new Set(policies.map(({ digest }) => policyName(digest)));
  const enclosed = files.names.filter((name) => name.startsWith("policies/"));
  const strangers = enclosed.filter((name) => !named.has(name));
  if (wrong.length > 0 || strangers.length > 0) {
    return [
      ...wrong,
      ...strangers.map((name) => failed(name, "The report names no policy with this digest.")),
    ];
  }
  if (named.size === 0) {
    return [
      notProven(
        "policies",
        "No policy of one's own was in force in the period; the one that ships with the product decided.",
      ),
    ];
  }
  const missing = named.size - enclosed.length;
  const findings: Finding[] = [];
  if (enclosed.length > 0) {
    findings.push(
      proven("policies", `The policies enclosed (${enclosed.length}) are ones that the report names.`),
    );
  }
  if (missing > 0) {
    findings.push(
      notProven("policies", `Of the policies that the report names, some are not enclosed (${missing}).`),
    );
  }
  return findings;
}

const IndexLine = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.string().max(200),
  source: z.string().max(1_000),
  nodeId: z.uuid().nullable(),
  observedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
});

export function checkEvidence(files: PackFiles): Finding[] {
  const wrong = misnamed(files, "evidence/", evidenceName);
  if (wrong.length > 0) return wrong;
  const enclosed = files.names.filter((name) => name.startsWith("evidence/") && name !== FILE.evidence);
  const hasIndex = files.names.includes(FILE.evidence);
  const { evidence: extent } = files.manifest;
  if (extent === "none") {
    return enclosed.length > 0 || hasIndex
      ? [failed("evidence", "The manifest says that none is enclosed, and there is some.")]
      : [
          notProven(
            "evidence",
            "No raw evidence is enclosed: what verifiers said has to be looked up where it is kept.",
          ),
        ];
  }
  const lines = hasIndex ? readIndex(files) : [];
  if (!lines) return [failed(FILE.evidence, "This is no list of documents as packs have it.")];
  const listed = new Set(lines.map(({ sha256 }) => evidenceName(sha256)));
  const gaps = [
    ...enclosed.filter((name) => !listed.has(name)),
    ...[...listed].filter((name) => !files.names.includes(name)),
  ];
  if (gaps.length > 0)
    return gaps.map((name) => failed(name, "It is either not enclosed or not in the list."));
  const documents = counted(enclosed.length, "raw document");
  const which = extent === "all" ? "all, as the manifest says" : "a sample, as the manifest says";
  return [
    proven("evidence", `${documents} lie under their own digests (${which}).`),
    notProven(
      "evidence",
      "Signatures of verifiers inside the documents are not checked here: that takes the verifiers' keys.",
    ),
  ];
}

function readIndex(files: PackFiles): z.output<typeof IndexLine>[] | null {
  const text = textOf(files.read(FILE.evidence) ?? new Uint8Array());
  const lines = text?.split("\n").slice(0, -1) ?? [];
  const read = lines.map((line) => IndexLine.safeParse(readCanonical(line)));
  const documents = read.flatMap(({ data }) => data ?? []);
  // Written again it must be the same text: sorted, each line once, nothing after the last.
  return documents.length === lines.length && jsonLines(documents) === text && isRising(lines)
    ? documents
    : null;
}

const isRising = (lines: readonly string[]) =>
  lines.every((line, n) => n === 0 || (lines[n - 1] ?? "") < line);
