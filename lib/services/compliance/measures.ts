/** All measures of a period. */
import type { MeasureList, MeasureListInput } from "#lib/contracts/compliance";
import { MeasureListQuery } from "#lib/contracts/compliance";
import { ALL_MEASURES, MEASURE_CATALOGUE_VERSION } from "#lib/domain/measure/catalogue";
import type { Measure } from "#lib/domain/measure/measure";
import type { ServiceContext } from "#lib/services/context";
import { parseInput } from "#lib/services/input";
import { computeMeasures, measureView } from "./compute.ts";
import { readPeriod } from "./period.ts";

/**
 * Each measure over the period and, if the caller may look at it, over the one before, by what is or was known.
 *
 * @param measures which; default: all
 * @throws {ProblemError} `auth/forbidden`, `auth/outside-review`, `request/invalid`
 */
export async function measures(
  ctx: ServiceContext,
  input: MeasureListInput,
  chosen: readonly Measure[] = ALL_MEASURES,
): Promise<MeasureList> {
  const { view, ...period } = readPeriod(ctx, parseInput(MeasureListQuery, input));
  const computed = await computeMeasures([ctx.db, ctx.db], period, chosen);
  return {
    period: view,
    catalogueVersion: MEASURE_CATALOGUE_VERSION,
    items: computed.map(measureView),
  };
}
