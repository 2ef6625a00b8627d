/** What a format implements: how a report is written as a file. */
import type { EvidenceWanted, ReportFormatId } from "#lib/domain/report/report";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";

/** A report that could not be written in a form; the message is shown to people and quotes nothing. */
export class ReportFormatError extends Error {
  override readonly name = "ReportFormatError";
}

/** What a format is given beside the snapshot. */
export type FormatInput = {
  snapshot: ReportSnapshot;
  /** The snapshot's canonical text, and its SHA-256 in hex. */
  text: string;
  digest: string;
  /** Which raw documents a pack encloses. */
  evidence: EvidenceWanted;
};

/** One file under `lib/report/formats/`, one line in the registry. */
export interface ReportFormat {
  /** Stored with every file; never rename. */
  readonly id: ReportFormatId;
  /**
   * The same report always gives the same bytes: nothing comes from a clock or from chance. Names that others wrote
   * stay text, whatever opens the file.
   *
   * @throws {ReportFormatError} when the report does not fit the form
   */
  write(input: FormatInput): Promise<Buffer>;
}

/** What preparing reports needs of the installation. */
export type ReportTools = { formats: readonly ReportFormat[]; productVersion: string };
