/** Computing one measure. */
import type { Conn } from "#db/client";
import { measureTotals } from "#db/queries/measure";
import type { MeasureWindow } from "#db/queries/measure-sql";
import type { Scope } from "#db/queries/sql";
import type { MeasureTotalsView, MeasureView } from "#lib/contracts/compliance";
import {
  denominatorOf,
  judge,
  type Measure,
  type MeasureTotals,
  NO_TOTALS,
} from "#lib/domain/measure/measure";
import { RELATIONS } from "./relations.ts";

/** What the rows of a measure add up to in a period; nothing for one that cannot be computed. */
export async function totalsOf(
  conn: Conn,
  scope: Scope,
  measure: Measure,
  window: MeasureWindow,
): Promise<MeasureTotals> {
  const relation = RELATIONS[measure.id];
  if (measure.kind === "unavailable" || !relation) return NO_TOTALS;
  const limitMs = measure.kind === "duration" ? measure.threshold : null;
  return measureTotals(conn, relation(scope, window), limitMs);
}

function totalsView(measure: Measure, totals: MeasureTotals): MeasureTotalsView {
  const denominator = denominatorOf(totals);
  return {
    ...totals,
    denominator,
    ratio: measure.kind === "share" && denominator > 0 ? totals.met / denominator : null,
  };
}

export function measureView(
  measure: Measure,
  totals: MeasureTotals,
  previous: MeasureTotals | null,
): MeasureView {
  const { id, title, question, kind, unit, better, how, notCovered } = measure;
  const result = judge(measure, totals);
  return {
    ...{ id, title, question, kind, unit, better, how, notCovered, result },
    threshold: measure.kind === "unavailable" ? null : measure.threshold,
    reason: result === "no_data" ? reasonOf(measure) : null,
    totals: totalsView(measure, totals),
    previous: previous && totalsView(measure, previous),
  };
}

function reasonOf(measure: Measure): string {
  if (measure.kind === "unavailable") return measure.reason;
  return "Nothing was there to measure in this period and scope.";
}
