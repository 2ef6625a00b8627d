/**
 * What a measure is: one question about a fleet over a period, and when its answer is good enough.
 *
 * Pure; times are epoch milliseconds.
 */

/** `no_data` is an answer of its own: what was not looked at has neither passed nor failed. */
export const MEASURE_RESULTS = ["satisfied", "not_satisfied", "no_data"] as const;
export type MeasureResult = (typeof MEASURE_RESULTS)[number];

/**
 * What becomes of one row of a measure. `open` = a wait that is not over; `exempt` = a policy lets it off;
 * both stay visible and count as no pass.
 */
export const ROW_VERDICTS = ["missed", "open", "stale", "not_covered", "exempt", "met"] as const;
export type RowVerdict = (typeof ROW_VERDICTS)[number];

/** What a row is about, and so where it leads. */
export const ROW_KINDS = [
  "node",
  "source",
  "drift_group",
  "drift_exception",
  "policy_exception",
  "change_request",
  "remediation",
  "expected_node",
  "source_key",
  "audit_log",
  "incident",
  "role_grant",
  "sink",
] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/**
 * How rows become one figure:
 * - `share`: the part of the weight that was met. Silence, missing coverage and exemptions stay in the whole.
 * - `none`: how many rows were missed; nothing is good.
 * - `duration`: quantiles over the rows whose wait is over.
 */
export type MeasureKind = "share" | "none" | "duration";

export type Measure = {
  id: string;
  title: string;
  question: string;
  /** What one unit of the weight is. */
  unit:
    | "nodes"
    | "node time"
    | "changes"
    | "exceptions"
    | "actions"
    | "failures"
    | "findings"
    | "keys"
    | "logs"
    | "facts"
    | "grants";
  /** Of `share`, whether more of it is better. */
  better: "higher" | "lower";
  /** How it was computed, in words that an auditor can follow. */
  how: string;
  /** What a good answer does not tell. */
  notCovered: string;
} & (
  | {
      kind: MeasureKind;
      /**
       * `share`: least part that is good enough, 0..1. `none`: rows that are allowed. `duration`: the longest 95th
       * percentile in milliseconds. `null` = a figure to watch, which nobody judges.
       */
      threshold: number | null;
    }
  /** Nothing is recorded that could answer it; `reason` says what is missing. */
  | { kind: "unavailable"; reason: string }
);

/** What the rows of a measure add up to. Weights are whole numbers: nodes, things, or milliseconds of nodes. */
export type MeasureTotals = {
  met: number;
  missed: number;
  stale: number;
  notCovered: number;
  exempt: number;
  /** Rows whose wait is not over, and those of them that have waited longer than the threshold. */
  open: number;
  openOver: number;
  /** Rows with a value whose wait is over, and quantiles over them; `null` without any. */
  n: number;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  /** How much was looked at; with nothing to look at a count of zero says nothing. */
  basis: number;
};

export const NO_TOTALS: MeasureTotals = {
  met: 0,
  missed: 0,
  stale: 0,
  notCovered: 0,
  exempt: 0,
  open: 0,
  openOver: 0,
  n: 0,
  p50: null,
  p90: null,
  p95: null,
  basis: 0,
};

/** The whole that a share is of. */
export function denominatorOf({ met, missed, stale, notCovered, exempt }: MeasureTotals): number {
  return met + missed + stale + notCovered + exempt;
}

/**
 * Whether totals are good enough; `null` = they are not judged.
 *
 * A share is compared by multiplication, so that no rounding decides. Silence is an answer, and a bad one:
 * only where nothing was ever stated is there no data. A wait that is not over and longer than allowed fails
 * a duration, whatever the quantile of the others.
 */
export function judge(measure: Measure, totals: MeasureTotals): MeasureResult | null {
  if (measure.kind === "unavailable") return "no_data";
  if (!hasData(measure.kind, totals)) return "no_data";
  const { threshold } = measure;
  if (threshold === null) return null;
  return meets(measure.kind, threshold, totals) ? "satisfied" : "not_satisfied";
}

function hasData(kind: MeasureKind, totals: MeasureTotals): boolean {
  switch (kind) {
    case "share":
      return totals.met + totals.missed + totals.stale > 0;
    case "none":
      return totals.basis > 0;
    case "duration":
      return totals.n > 0 || totals.openOver > 0;
  }
}

function meets(kind: MeasureKind, threshold: number, totals: MeasureTotals): boolean {
  switch (kind) {
    case "share":
      return totals.met >= threshold * denominatorOf(totals);
    case "none":
      return totals.missed <= threshold;
    case "duration":
      return totals.openOver === 0 && (totals.p95 === null || totals.p95 <= threshold);
  }
}
