/** All measures of a period. */
import type { MeasureList, MeasureListInput } from "#lib/contracts/compliance";
import { MeasureListQuery } from "#lib/contracts/compliance";
import { ALL_MEASURES, MEASURE_CATALOGUE_VERSION } from "#lib/domain/measure/catalogue";
import type { Measure } from "#lib/domain/measure/measure";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { measureView, totalsOf } from "./compute.ts";
import { askedPeriod, periodBefore } from "./period.ts";

/**
 * Each measure over the period and over the one before, by what is or was known.
 *
 * One after the other: together they would hold a connection each.
 *
 * @param measures which; default: all
 * @throws {ProblemError} `request/invalid`
 */
export async function measures(
  ctx: ServiceContext,
  input: MeasureListInput,
  chosen: readonly Measure[] = ALL_MEASURES,
): Promise<MeasureList> {
  const scope = readScope(ctx, "compliance:read");
  const { window, view } = askedPeriod(ctx, parseInput(MeasureListQuery, input));
  const before = periodBefore(window);
  const items: MeasureList["items"] = [];
  for (const measure of chosen) {
    const totals = await totalsOf(ctx.db, scope, measure, window);
    items.push(measureView(measure, totals, await totalsOf(ctx.db, scope, measure, before)));
  }
  return { period: view, catalogueVersion: MEASURE_CATALOGUE_VERSION, items };
}
