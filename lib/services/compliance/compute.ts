/** Computing measures. */
import type { Conn } from "#db/client";
import { measureTotals } from "#db/queries/measure";
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
 * Measures over a period and the one before it, in their order.
 *
 * @param conns what they are asked on side by side: a pool as often as it may be used at once, or transactions that see one
 *   state of the database
 */
export async function computeMeasures(
  conns: readonly Conn[],
  { scope, window, before }: Pick<ReadPeriod, "scope" | "window" | "before">,
  measures: readonly Measure[],
): Promise<ComputedMeasure[]> {
  const asked = measures.flatMap((measure) => {
    const relation = relationOf(measure);
    const limitMs = measure.kind === "duration" ? measure.threshold : null;
    return relation ? { id: measure.id, relation, limitMs } : [];
  });
  const windows = before ? [window, before] : [window];
  const [now = [], earlier] = await measureTotals(
    conns,
    scope,
    windows.map((one) => ({ window: one, asked })),
  );
  // Nothing of a measure that cannot be computed.
  const totalsOf = (id: string, totals: readonly MeasureTotals[]) =>
    totals[asked.findIndex((one) => one.id === id)] ?? NO_TOTALS;
  return measures.map((measure) => ({
    measure,
    totals: totalsOf(measure.id, now),
    before: earlier ? totalsOf(measure.id, earlier) : null,
  }));
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
