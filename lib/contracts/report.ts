/** Frozen compliance reports. */
import { z } from "zod";
import { ROW_KINDS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import { EVIDENCE_WANTED, REPORT_FORMATS, REPORT_STATES } from "#lib/domain/report/report";
import { Cursor, Instant, Uuid } from "./common.ts";
import { SNAPSHOT_HEAD, SnapshotMeasure } from "./report-snapshot.ts";
import { presentQuery } from "./time.ts";

const FROZEN = presentQuery("a report says by itself what was known when, and never changes.");

/** Of requests that read one. */
export const FrozenReportQuery = z.strictObject(FROZEN);
export const ReportListQuery = z.strictObject({
  ...FROZEN,
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const ReportParams = z.strictObject({ reportId: z.uuid() });
export const ReportFileParams = z.strictObject({ reportId: z.uuid(), format: z.enum(REPORT_FORMATS) });

export const AskReportBody = z.strictObject({
  title: z.string().trim().min(3).max(200),
  /** `null` = every measure, and no controls. */
  framework: z.string().max(100).nullable(),
  from: Instant,
  to: Instant.meta({ description: "Exclusive; one that lies in the future means now." }),
  q: z
    .string()
    .max(500)
    .default("")
    .meta({ description: "Which nodes count, by their labels; empty = every node." }),
  knownAt: Instant.optional().meta({ description: "By what was known then. Default: now." }),
  evidence: z.enum(EVIDENCE_WANTED).default("sample").meta({
    description:
      "Which raw documents the evidence pack encloses: the newest about up to 50 nodes, or all that were observed in the period.",
  }),
});
export type AskReportInput = z.input<typeof AskReportBody>;
export type AskReportBody = z.infer<typeof AskReportBody>;

export const ReportAsked = z.strictObject({ id: Uuid });
export type ReportAsked = z.infer<typeof ReportAsked>;
export const ReportCancelled = z.strictObject({ id: Uuid, state: z.literal("CANCELLED") });
export type ReportCancelled = z.infer<typeof ReportCancelled>;

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Named = z.strictObject({ id: z.string(), title: z.string() });

export const ReportView = z.strictObject({
  id: Uuid,
  title: z.string(),
  framework: Named.nullable(),
  domains: z.array(z.strictObject({ id: Uuid, name: z.string() })),
  q: z.string(),
  evidence: z.enum(EVIDENCE_WANTED),
  period: z.strictObject({ from: Instant, to: Instant }),
  knownAt: Instant,
  state: z.enum(REPORT_STATES),
  /** Steps that are done, of how many; 0 of 0 = nobody has begun. */
  progress: z.strictObject({ done: z.int(), total: z.int() }),
  /** Why it failed or is partial. */
  problem: z.string().nullable(),
  askedAt: Instant,
  /** `null` = the account is gone. */
  askedBy: z.string().nullable(),
  finishedAt: Instant.nullable(),
  /** SHA-256 of the JSON file, hex; `null` until it is ready. */
  digest: Digest.nullable(),
});
export type ReportView = z.infer<typeof ReportView>;

export const ReportList = z.strictObject({ items: z.array(ReportView), nextCursor: Cursor.nullable() });
export type ReportList = z.infer<typeof ReportList>;

export const ReportDetail = ReportView.extend({
  files: z.array(
    z.strictObject({
      format: z.enum(REPORT_FORMATS),
      size: z.int(),
      /** SHA-256, hex; `null` = it could not be written. */
      digest: Digest.nullable(),
      problem: z.string().nullable(),
    }),
  ),
  /** What it says, without the rows; those are in its files. `null` until it is ready. */
  says: z.strictObject(SNAPSHOT_HEAD).nullable(),
});
export type ReportDetail = z.infer<typeof ReportDetail>;

export const CompareParams = z.strictObject({ reportId: z.uuid(), otherId: z.uuid() });

const ComparedReport = z.strictObject({
  id: Uuid,
  title: z.string(),
  period: z.strictObject({ from: Instant, to: Instant }),
  knownAt: Instant,
  q: z.string(),
});

const Findings = z.strictObject({
  count: z.int(),
  /** At most 100. */
  items: z.array(
    z.strictObject({
      kind: z.enum(ROW_KINDS),
      key: z.string(),
      nodeId: Uuid.nullable(),
      name: z.string(),
      verdict: z.enum(ROW_VERDICTS),
      detail: z.string(),
    }),
  ),
});

const Side = SnapshotMeasure.pick({ threshold: true, result: true, totals: true }).nullable();

export const ReportComparison = z.strictObject({
  /** By the end of their periods, then by what was known. */
  earlier: ComparedReport,
  later: ComparedReport,
  measures: z.array(
    SnapshotMeasure.pick({ id: true, title: true, kind: true, unit: true }).extend({
      /** `null` = the report does not have the measure. */
      earlier: Side,
      later: Side,
      /** Things that were missed, not over, stale or not covered: in the later one only, in the earlier one only, in both. */
      appeared: Findings,
      resolved: Findings,
      stillOpen: Findings,
    }),
  ),
});
export type ReportComparison = z.infer<typeof ReportComparison>;
