/** Reports in words. */
import type { ReportView } from "#lib/contracts/report";
import type { EvidenceWanted, ReportFormatId, ReportState } from "#lib/domain/report/report";

type Tone = "neutral" | "accent" | "warn" | "danger";

export const STATE_WORDS: Readonly<Record<ReportState, { label: string; tone: Tone }>> = {
  WAITING: { label: "Waiting", tone: "neutral" },
  PREPARING: { label: "Preparing", tone: "neutral" },
  READY: { label: "Ready", tone: "accent" },
  PARTIAL: { label: "Partial", tone: "warn" },
  FAILED: { label: "Failed", tone: "danger" },
  CANCELLED: { label: "Cancelled", tone: "neutral" },
};

export const FORMAT_WORDS: Readonly<Record<ReportFormatId, { label: string; means: string }>> = {
  json: { label: "JSON", means: "all of it in canonical form; its SHA-256 is the digest of the report" },
  pdf: { label: "PDF", means: "to read and to print, with the first 10,000 rows" },
  xlsx: { label: "XLSX", means: "as sheets, with the first 50,000 rows" },
  csv: { label: "CSV", means: "the rows of all measures" },
  zip: {
    label: "Evidence pack",
    means:
      "signed, with policies, raw documents, proofs from the audit log and OSCAL; to be checked elsewhere",
  },
};

/** How far it is; `null` when there is nothing to say. */
export function progressWords({ state, progress: { done, total } }: ReportView): string | null {
  if (state !== "PREPARING") return null;
  return total === 0 ? "begun" : `${done} of ${total} steps`;
}

/** Which raw documents an evidence pack encloses. */
export const EVIDENCE_WORDS: Readonly<Record<EvidenceWanted, string>> = {
  sample: "The newest about up to 50 nodes",
  all: "Every one of the period",
};
