/** Measures of a fleet over a period. */
import { z } from "zod";
import { MEASURE_RESULTS, ROW_KINDS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import { Cursor, Instant, Uuid } from "./common.ts";
import { WindowQuery } from "./time.ts";

/** What every question about compliance is narrowed to. */
export const PERIOD_QUERY = {
  from: Instant.meta({ description: "Beginning of the period." }),
  to: Instant.meta({
    description: "End of the period, exclusive; one that lies in the future means now.",
  }),
  q: z.string().max(500).default("").meta({
    description: "Which nodes count: `label:name=value` or `label:name`, all of them. Default: every node.",
  }),
  ...WindowQuery,
};

export const MeasureListQuery = z.strictObject(PERIOD_QUERY);
export type MeasureListQuery = z.infer<typeof MeasureListQuery>;
export type MeasureListInput = z.input<typeof MeasureListQuery>;

export const PeriodView = z.strictObject({
  from: Instant,
  to: Instant,
  knownAt: Instant,
  q: z.string(),
});
export type PeriodView = z.infer<typeof PeriodView>;

const Ms = z.number().nullable();

export const MeasureTotalsView = z.strictObject({
  /** Weights in whole units: nodes, things, or milliseconds of nodes. Together they are the denominator. */
  met: z.number(),
  missed: z.number(),
  stale: z.number(),
  notCovered: z.number(),
  exempt: z.number(),
  denominator: z.number(),
  /** `met / denominator`; `null` when it is no share or the denominator is 0. */
  ratio: z.number().nullable(),
  open: z.number(),
  openOver: z.number(),
  n: z.number(),
  p50: Ms,
  p90: Ms,
  p95: Ms,
  /** How much was looked at. */
  basis: z.number(),
});
export type MeasureTotalsView = z.infer<typeof MeasureTotalsView>;

export const MeasureView = z.strictObject({
  id: z.string(),
  title: z.string(),
  question: z.string(),
  kind: z.enum(["share", "none", "duration", "unavailable"]),
  unit: z.string(),
  better: z.enum(["higher", "lower"]),
  threshold: z.number().nullable(),
  how: z.string(),
  notCovered: z.string(),
  /** `null` = a figure to watch, which nobody judges. */
  result: z.enum(MEASURE_RESULTS).nullable(),
  /** Why there is no data; `null` when there is. */
  reason: z.string().nullable(),
  totals: MeasureTotalsView,
  /** The same over the period of equal length right before; `null` when it is not part of a review. */
  previous: MeasureTotalsView.nullable(),
});
export type MeasureView = z.infer<typeof MeasureView>;

export const MeasureList = z.strictObject({
  period: PeriodView,
  /** Version of the definitions. */
  catalogueVersion: z.string(),
  items: z.array(MeasureView),
});
export type MeasureList = z.infer<typeof MeasureList>;

export const MeasureQuery = z.strictObject({
  ...PERIOD_QUERY,
  verdict: z.enum(ROW_VERDICTS).optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type MeasureQuery = z.infer<typeof MeasureQuery>;

export const MeasureRowView = z.strictObject({
  kind: z.enum(ROW_KINDS),
  /** Names what the row is about; for nodes see `nodeId`. */
  key: z.string(),
  nodeId: Uuid.nullable(),
  name: z.string(),
  verdict: z.enum(ROW_VERDICTS),
  weight: z.number(),
  /** Milliseconds; `null` = the row is no length. */
  value: z.number().nullable(),
  at: Instant.nullable(),
  detail: z.string(),
});
export type MeasureRowView = z.infer<typeof MeasureRowView>;

export const MeasureDetail = z.strictObject({
  period: PeriodView,
  catalogueVersion: z.string(),
  measure: MeasureView,
  rows: z.array(MeasureRowView),
  nextCursor: Cursor.nullable(),
});
export type MeasureDetail = z.infer<typeof MeasureDetail>;
