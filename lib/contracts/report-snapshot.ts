/** The frozen form of a report, for whoever reads one that somebody handed over. */
import { z } from "zod";
import { CONTROL_STATUSES, NOTE_KINDS, NOTE_VERDICTS } from "#lib/domain/measure/control";
import { MEASURE_RESULTS, ROW_KINDS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import { MAPPING_KINDS } from "#lib/domain/measure/own-control";
import { REPORT_FORMAT, type ReportSnapshot } from "#lib/domain/report/snapshot";
import { Instant, Uuid } from "./common.ts";

const Count = z.int().nonnegative();
const Length = z.int().nullable();
const Text = z.string().max(10_000);
const MeasureId = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,40}$/);

const Totals = z.strictObject({
  ...{ met: Count, missed: Count, stale: Count, notCovered: Count, exempt: Count, denominator: Count },
  ...{ open: Count, openOver: Count, n: Count, p50: Length, p90: Length, p95: Length, basis: Count },
});

const Row = z.strictObject({
  kind: z.enum(ROW_KINDS),
  key: Text,
  nodeId: Uuid.nullable(),
  name: Text,
  verdict: z.enum(ROW_VERDICTS),
  weight: Count,
  value: Length,
  at: Instant.nullable(),
  detail: Text,
});

const Version = z.strictObject({
  domainId: Uuid,
  name: Text,
  version: z.int(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  selector: Text,
  percent: z.int().min(0).max(100),
  from: Instant,
  to: Instant.nullable(),
});

export const SnapshotMeasure = z.strictObject({
  id: MeasureId,
  title: Text,
  question: Text,
  kind: z.enum(["share", "none", "duration", "unavailable"]),
  unit: z.enum([
    ...(["nodes", "node time", "changes", "exceptions", "actions"] as const),
    ...(["failures", "findings", "keys", "logs", "facts", "grants"] as const),
  ]),
  better: z.enum(["higher", "lower"]),
  threshold: z.number().nullable(),
  how: Text,
  notCovered: Text,
  result: z.enum(MEASURE_RESULTS).nullable(),
  reason: Text.nullable(),
  totals: Totals,
  previous: Totals.nullable(),
});

const Own = z.strictObject({
  statementId: z.string().max(200).nullable(),
  mapping: z
    .strictObject({
      kind: z.enum(MAPPING_KINDS),
      ...{ covers: Text.nullable(), reason: Text.nullable(), madeAt: Instant, madeBy: Text.nullable() },
    })
    .nullable(),
});

const Source = z.strictObject({
  kind: z.enum(["catalog", "profile"]),
  uuid: Uuid,
  oscalVersion: z.string().max(100),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  version: z.int(),
});

const SnapshotControl = z.strictObject({
  id: z.string().max(100),
  line: Text,
  notCovered: Text,
  status: z.enum(CONTROL_STATUSES),
  previousStatus: z.enum(CONTROL_STATUSES).nullable(),
  measures: z.array(MeasureId),
  notes: z.array(
    z.strictObject({
      id: Uuid,
      kind: z.enum(NOTE_KINDS),
      verdict: z.enum(NOTE_VERDICTS).nullable(),
      reason: Text,
      madeAt: Instant,
      madeBy: Text.nullable(),
      expiresAt: Instant,
    }),
  ),
  own: Own.optional(),
});

/** Everything of it but the rows. */
export const SNAPSHOT_HEAD = {
  format: z.literal(REPORT_FORMAT),
  id: Uuid,
  title: Text,
  framework: z
    .strictObject({
      id: z.string().max(100),
      title: Text,
      edition: Text,
      caution: Text.nullable(),
      mappingVersion: Text,
      source: Source.optional(),
    })
    .nullable(),
  scope: z.strictObject({ domains: z.array(z.strictObject({ id: Uuid, name: Text })), q: Text }),
  period: z.strictObject({ from: Instant, to: Instant }),
  knownAt: Instant,
  generatedAt: Instant,
  productVersion: Text,
  catalogueVersion: Text,
  policies: z.array(Version),
  baselines: z.array(Version),
  measures: z.array(SnapshotMeasure),
  controls: z.array(SnapshotControl),
};

export const ReportSnapshotSchema = z.strictObject({
  ...SNAPSHOT_HEAD,
  rows: z.record(MeasureId, z.array(Row)),
}) satisfies z.ZodType<ReportSnapshot>;
