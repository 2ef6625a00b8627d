/** One measure with the rows that it is made of. */
import { z } from "zod";
import { measureRows } from "#db/queries/measure";
import { type MeasureDetail, MeasureQuery } from "#lib/contracts/compliance";
import { MEASURE_CATALOGUE_VERSION, measureById } from "#lib/domain/measure/catalogue";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor } from "#lib/services/cursor";
import { parseInput } from "#lib/services/input";
import { iso } from "#lib/services/instant";
import { computeMeasures, measureView } from "./compute.ts";
import { readPeriod } from "./period.ts";
import { relationOf } from "./relations.ts";

/** Position in the rows of a measure; the measure keeps it from being used with another one. */
const RowKey = z.strictObject({
  measure: z.string(),
  rank: z.int().min(1).max(10),
  value: z.number(),
  key: z.string().max(400),
});

/** @throws {ProblemError} `auth/forbidden`, `auth/outside-review`, `compliance/unknown-measure`, `request/invalid` */
export async function measure(
  ctx: ServiceContext,
  input: { measureId: string } & z.input<typeof MeasureQuery>,
): Promise<MeasureDetail> {
  const { measureId, ...query } = input;
  const { verdict = null, cursor, limit, ...period } = parseInput(MeasureQuery, query);
  const found = measureById(measureId);
  if (!found) throw new ProblemError("compliance/unknown-measure", `There is no measure ${measureId}.`);
  const { scope, window, before, view } = readPeriod(ctx, period);
  const relation = relationOf(found);
  const after = cursor === undefined ? null : decodeCursor(RowKey, cursor);
  if (after && after.measure !== measureId) {
    throw new ProblemError("request/invalid", "The cursor belongs to another measure.", {
      pointers: [{ pointer: "#/query/cursor", detail: "Not a cursor of this list." }],
    });
  }
  const page = relation
    ? await measureRows(ctx.db, scope, window, { relation, after, limit, verdict })
    : { items: [], next: null };
  const [computed] = await computeMeasures([ctx.db, ctx.db], { scope, window, before }, [found]);
  if (!computed) throw new Error(`${measureId} was not computed`);
  return {
    period: view,
    catalogueVersion: MEASURE_CATALOGUE_VERSION,
    measure: measureView(computed),
    rows: page.items.map((row) => ({ ...row, at: row.at === null ? null : iso(row.at) })),
    nextCursor: page.next && encodeCursor({ measure: measureId, ...page.next }),
  };
}
