/** What the rows of a measure add up to: the same sum as the database's, over the rows of a report. Pure. */
import { type MeasureTotals, NO_TOTALS, ROW_VERDICTS, type RowVerdict } from "#lib/domain/measure/measure";
import type { ReportMeasure, ReportRow } from "./snapshot.ts";

type Addend = Pick<ReportRow, "verdict" | "weight" | "value">;

const PART = {
  met: "met",
  missed: "missed",
  stale: "stale",
  not_covered: "notCovered",
  exempt: "exempt",
} as const satisfies Record<Exclude<RowVerdict, "open">, keyof MeasureTotals>;

/**
 * @param basis how much was looked at, which rows do not tell
 * @param limitMs what an open row is longer than to be counted in `openOver`; `null` = none is
 */
export function addUp(rows: readonly Addend[], basis: number, limitMs: number | null): MeasureTotals {
  const totals = { ...NO_TOTALS, basis };
  const lengths: number[] = [];
  for (const { verdict, weight, value } of rows) {
    if (verdict === "open") {
      totals.open += 1;
      if (limitMs !== null && value !== null && value > limitMs) totals.openOver += 1;
      continue;
    }
    totals[PART[verdict]] += weight;
    if (value !== null) lengths.push(value);
  }
  lengths.sort((a, b) => a - b);
  const [p50, p90, p95] = [50, 90, 95].map((percent) => nearestRank(lengths, percent));
  return { ...totals, n: lengths.length, p50: p50 ?? null, p90: p90 ?? null, p95: p95 ?? null };
}

/** Limit that open rows of a measure are held to. */
export function openLimitOf({ kind, threshold }: Pick<ReportMeasure, "kind" | "threshold">): number | null {
  return kind === "duration" ? threshold : null;
}

/** The least length that `percent` of all are no longer than; counted in whole numbers, so that nothing rounds. */
function nearestRank(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1];
}

/** Rows in the one order that reports have: what was missed first, the longest first, then by key. */
export function inReportOrder(rows: readonly ReportRow[]): ReportRow[] {
  return [...rows].sort(
    (a, b) =>
      ROW_VERDICTS.indexOf(a.verdict) - ROW_VERDICTS.indexOf(b.verdict) ||
      (b.value ?? -1) - (a.value ?? -1) ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
}
