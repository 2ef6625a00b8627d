/** Computing measures. */
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
import type { ReadPeriod } from "./period.ts";
import { relationOf } from "./relations.ts";

/** A measure over a period and over the one before; `null` = that one may not be looked at. */
export type ComputedMeasure = { measure: Measure; totals: MeasureTotals; before: MeasureTotals | null };

/**
 * Measures over a period and the one before it, in their order. Both periods are computed side by side.
 *
 * @param beside where the period before is asked; a transaction answers one question at a time, a pool several
 */
export async function computeMeasures(
  conn: Conn,
  { scope, window, before }: Pick<ReadPeriod, "scope" | "window" | "before">,
  measures: readonly Measure[],
  beside: Conn = conn,
): Promise<ComputedMeasure[]> {
  const [now, earlier] = await Promise.all([
    totalsOf(conn, scope, measures, window),
    before && totalsOf(beside, scope, measures, before),
  ]);
  return measures.map((measure) => ({
    measure,
    totals: now.get(measure.id) ?? NO_TOTALS,
    before: earlier && (earlier.get(measure.id) ?? NO_TOTALS),
  }));
}

/** By id: what the rows of measures add up to in a period; nothing of one that cannot be computed. */
async function totalsOf(
  conn: Conn,
  scope: Scope,
  measures: readonly Measure[],
  window: MeasureWindow,
): Promise<Map<string, MeasureTotals>> {
  const asked = measures.flatMap((measure) => {
    const relation = relationOf(measure);
    return relation
      ? { id: measure.id, relation, limitMs: measure.kind === "duration" ? measure.threshold : null }
      : [];
  });
  const totals = await measureTotals(conn, scope, window, asked);
  return new Map(totals.map((one, place) => [asked[place]?.id ?? "", one]));
}

function totalsView(measure: Measure, totals: MeasureTotals): MeasureTotalsView {
  const denominator = denominatorOf(totals);
  return {
    ...totals,
    denominator,
    ratio: measure.kind === "share" && denominator > 0 ? totals.met / denominator : null,
  };
}

export function measureView({ measure, totals, before }: ComputedMeasure): MeasureView {
  const { id, title, question, kind, unit, better, how, notCovered } = measure;
  const result = judge(measure, totals);
  return {
    ...{ id, title, question, kind, unit, better, how, notCovered, result },
    threshold: measure.kind === "unavailable" ? null : measure.threshold,
    reason: result === "no_data" ? reasonOf(measure) : null,
    totals: totalsView(measure, totals),
    previous: before && totalsView(measure, before),
  };
}

/** Why there is no data, where something has to be set up before there is any. */
const NOTHING: Readonly<Record<string, string>> = {
  M20: "No sink was told anything in this period, and none was owed anything: nothing is delivered to another system.",
  M22: "No event about an installed image says whether its provenance was verified.",
};

function reasonOf(measure: Measure): string {
  if (measure.kind === "unavailable") return measure.reason;
  return NOTHING[measure.id] ?? "Nothing was there to measure in this period and scope.";
}
