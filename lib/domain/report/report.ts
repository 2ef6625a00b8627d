/** A report as something that is asked for, prepared and kept. Pure. */
import type { ReportSnapshot } from "./snapshot.ts";

/** `PARTIAL` = it is ready but for some of its files. */
export const REPORT_STATES = ["WAITING", "PREPARING", "READY", "PARTIAL", "FAILED", "CANCELLED"] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** Forms that a report is kept in. The first one is the snapshot itself: without it there is no report. */
export const REPORT_FORMATS = ["json", "pdf", "xlsx", "csv", "zip"] as const;
export type ReportFormatId = (typeof REPORT_FORMATS)[number];

/** Name extensions are the ids. */
export const REPORT_MEDIA_TYPES: Readonly<Record<ReportFormatId, string>> = {
  json: "application/json",
  pdf: "application/pdf",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv; charset=utf-8",
  zip: "application/zip",
};

/** What a report says, without the rows that its figures rest on. */
export type ReportHead = Omit<ReportSnapshot, "rows">;

/** Whether something may still become of it. */
export const isUnderWay = (state: ReportState): boolean => state === "WAITING" || state === "PREPARING";

/** Whether it has files. */
export const isReady = (state: ReportState): boolean => state === "READY" || state === "PARTIAL";

/** Which raw documents an evidence pack encloses: the newest of some nodes, or every one that was observed in the period. */
export const EVIDENCE_WANTED = ["sample", "all"] as const;
export type EvidenceWanted = (typeof EVIDENCE_WANTED)[number];
