/** Measures: what their rows add up to, and the rows themselves. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { MeasureTotals, RowKind, RowVerdict } from "#lib/domain/measure/measure";
import { NO_TOTALS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import type { MeasureWindow, Relation } from "./measure-sql.ts";
import { ms, rowsOf, type Scope, texts } from "./sql.ts";

export type MeasureRow = {
  kind: RowKind;
  key: string;
  nodeId: string | null;
  name: string;
  verdict: RowVerdict;
  weight: number;
  value: number | null;
  at: number | null;
  detail: string;
};

/** Where a page of rows ended. */
export type MeasureRowKey = { rank: number; value: number; key: string };

const groundOf = ({ ground }: Pick<Relation, "ground">, scope: Scope, window: MeasureWindow): SQL =>
  ground ? ground(scope, window) : sql``;

/** Rows that a figure asks several times for the same column, behind a fence: each is then computed once. */
const itemsOf = ({ rows }: Relation, scope: Scope, window: MeasureWindow): SQL =>
  sql`(SELECT * FROM (${rows(scope, window)}) item LIMIT ALL) item`;

const part = (verdict: RowVerdict): SQL =>
  sql`coalesce(sum(weight) FILTER (WHERE verdict = ${verdict}), 0)::float8`;

/** @param limitMs what an open row is longer than to be counted in `openOver`; `null` = none is */
export type AskedTotals = { relation: Relation; limitMs: number | null };

type TotalsRow = Omit<MeasureTotals, "p50" | "p90" | "p95"> & { q: (number | null)[] | null };

/**
 * What the rows of measures add up to, in their order. One statement answers all that stand on one ground, and those that
 * ask the same are answered once.
 */
export async function measureTotals(
  conn: Conn,
  scope: Scope,
  window: MeasureWindow,
  asked: readonly AskedTotals[],
): Promise<MeasureTotals[]> {
  const different = asked.filter(
    (one, place) => asked.findIndex((other) => sameTotals(one, other)) === place,
  );
  const found = new Map<AskedTotals, MeasureTotals>();
  for (const [ground, ones] of Map.groupBy(different, ({ relation }) => relation.ground)) {
    const parts = ones.map(
      (one, place) =>
        sql`SELECT ${place}::int AS place, ${sums(one, scope, window)} FROM ${itemsOf(one.relation, scope, window)}`,
    );
    const rows = await rowsOf<TotalsRow & { place: number }>(
      conn,
      sql`${groundOf({ ground }, scope, window)} ${sql.join(parts, sql` UNION ALL `)}`,
    );
    for (const { place, q, ...totals } of rows) {
      const [p50 = null, p90 = null, p95 = null] = q ?? [];
      const one = ones[place];
      if (one) found.set(one, { ...totals, p50, p90, p95 });
    }
  }
  return asked.map((one) => {
    const first = different.find((other) => sameTotals(one, other));
    return (first && found.get(first)) ?? NO_TOTALS;
  });
}

const sameTotals = (a: AskedTotals, b: AskedTotals) => a.relation === b.relation && a.limitMs === b.limitMs;

function sums({ relation, limitMs }: AskedTotals, scope: Scope, window: MeasureWindow): SQL {
  const over = limitMs === null ? sql`FALSE` : sql`value > ${limitMs}::float8`;
  return sql`${part("met")} AS met, ${part("missed")} AS missed, ${part("stale")} AS stale,
    ${part("not_covered")} AS "notCovered", ${part("exempt")} AS exempt,
    count(*) FILTER (WHERE verdict = 'open')::float8 AS open,
    count(*) FILTER (WHERE verdict = 'open' AND ${over})::float8 AS "openOver",
    count(value) FILTER (WHERE verdict <> 'open')::float8 AS n,
    percentile_disc(ARRAY[0.5, 0.9, 0.95]) WITHIN GROUP (ORDER BY value) FILTER (WHERE verdict <> 'open') AS q,
    ${relation.basis ? relation.basis(scope, window) : sql`count(*)`}::float8 AS basis`;
}

const RANK = sql`array_position(${texts(ROW_VERDICTS)}, verdict)`;

const COLUMNS = sql`kind, key, node_id AS "nodeId", name, verdict, weight::float8 AS weight, value, ${ms(sql`at`)} AS at,
  detail`;

/** Rows that are fetched at a time. */
const BATCH = 10_000;

/**
 * All rows of measures, ground by ground: one statement reads those of all that stand on it.
 *
 * @param tx a transaction, because a cursor ends with it
 * @param limit once there are more rows than this, no further ones are read
 */
export async function* measureRowsAll(
  tx: Conn,
  scope: Scope,
  window: MeasureWindow,
  { relations, limit }: { relations: readonly Relation[]; limit: number },
): AsyncGenerator<Map<Relation, MeasureRow[]>> {
  // All rows will be fetched: a plan that has the first ones early is of no use.
  await tx.execute(sql`SET LOCAL cursor_tuple_fraction = 1`);
  let total = 0;
  for (const [ground, ones] of Map.groupBy(new Set(relations), (relation) => relation.ground)) {
    const found = ones.map((relation) => ({ relation, rows: [] as MeasureRow[] }));
    const parts = ones.map(
      (relation, place) =>
        sql`SELECT ${place}::int AS place, ${COLUMNS} FROM ${itemsOf(relation, scope, window)}`,
    );
    await tx.execute(sql`DECLARE measure_row NO SCROLL CURSOR FOR
      ${groundOf({ ground }, scope, window)} ${sql.join(parts, sql` UNION ALL `)}`);
    for (let fetched = BATCH; fetched === BATCH && total <= limit; total += fetched) {
      const rows = await rowsOf<MeasureRow & { place: number }>(
        tx,
        sql`FETCH ${sql.raw(String(BATCH))} FROM measure_row`,
      );
      for (const { place, ...row } of rows) found[place]?.rows.push(row);
      fetched = rows.length;
    }
    await tx.execute(sql`CLOSE measure_row`);
    yield new Map(found.map(({ relation, rows }) => [relation, rows]));
  }
}

/** One page of rows: what was missed first, the longest first. */
export async function measureRows(
  conn: Conn,
  scope: Scope,
  window: MeasureWindow,
  args: { relation: Relation; after: MeasureRowKey | null; limit: number; verdict: RowVerdict | null },
): Promise<{ items: MeasureRow[]; next: MeasureRowKey | null }> {
  const { relation, after, limit, verdict } = args;
  const value = sql`coalesce(value, -1)`;
  const later = after
    ? sql`(${RANK}, -${value}, key) > (${after.rank}::int, -${after.value}::float8, ${after.key})`
    : sql`TRUE`;
  const rows = await rowsOf<MeasureRow & { rank: number }>(
    conn,
    sql`${groundOf(relation, scope, window)}
      SELECT ${COLUMNS}, ${RANK} AS rank FROM ${itemsOf(relation, scope, window)}
      WHERE ${later} AND ${verdict === null ? sql`TRUE` : sql`verdict = ${verdict}`}
      ORDER BY ${RANK}, -${value}, key LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ rank: _, ...row }) => row),
    next: rows.length > limit && last ? { rank: last.rank, value: last.value ?? -1, key: last.key } : null,
  };
}
