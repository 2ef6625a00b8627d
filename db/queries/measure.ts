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
  ground ? ground.of(scope, window) : sql``;

/** Columns of rows behind a fence: each is then computed once, however often it is asked for, and no other one is. */
const itemsOf = ({ rows }: Relation, scope: Scope, window: MeasureWindow, columns: SQL): SQL =>
  sql`(SELECT ${columns} FROM (${rows(scope, window)}) item LIMIT ALL) item`;

/** What totals are made of. */
const SUMMED = sql`verdict, weight, value`;
const WHOLE = sql`*`;

const part = (verdict: RowVerdict): SQL =>
  sql`coalesce(sum(weight) FILTER (WHERE verdict = ${verdict}), 0)::float8`;

/** @param limitMs what an open row is longer than to be counted in `openOver`; `null` = none is */
export type AskedTotals = { relation: Relation; limitMs: number | null };

type TotalsRow = Omit<MeasureTotals, "p50" | "p90" | "p95"> & { q: (number | null)[] | null };

/** What is asked of one period. */
export type AskedPeriodTotals = { window: MeasureWindow; asked: readonly AskedTotals[] };

/**
 * What the rows of measures add up to, in the order in which they are asked for. One statement answers all that stand on one
 * ground, and those that ask the same are answered once.
 *
 * @param conns each answers one statement at a time; whichever is free takes the next
 */
export async function measureTotals(
  conns: readonly Conn[],
  scope: Scope,
  periods: readonly AskedPeriodTotals[],
): Promise<MeasureTotals[][]> {
  const parts = periods.flatMap(({ window, asked }, period) =>
    different(asked).map((one): Part => ({ ...one, window, period })),
  );
  const found = new Map<Part, MeasureTotals>();
  const statements = onOneGround(parts);
  const work = async (conn: Conn) => {
    for (let next = statements.shift(); next; next = statements.shift())
      for (const [part, totals] of await totalsOnGround(conn, scope, next)) found.set(part, totals);
  };
  await Promise.all(conns.map(work));
  return periods.map(({ asked }, period) =>
    asked.map((one) => {
      const part = parts.find((other) => other.period === period && sameTotals(other, one));
      return (part && found.get(part)) ?? NO_TOTALS;
    }),
  );
}

/** One measure of one period, which is named by its place. */
type Part = AskedTotals & { window: MeasureWindow; period: number };

/** The first of each that ask the same. */
const different = (asked: readonly AskedTotals[]): AskedTotals[] =>
  asked.filter((one, place) => asked.findIndex((other) => sameTotals(one, other)) === place);

/** Parts that one statement answers. */
const onOneGround = (parts: readonly Part[]): Part[][] =>
  [...Map.groupBy(parts, ({ relation }) => relation.ground)].flatMap(([ground, ones]) =>
    ground?.common ? [ones] : [...Map.groupBy(ones, ({ period }) => period).values()],
  );

async function totalsOnGround(
  conn: Conn,
  scope: Scope,
  parts: readonly Part[],
): Promise<[Part, MeasureTotals][]> {
  const [first] = parts;
  if (!first) return [];
  const selects = parts.map(
    (part, place) =>
      sql`SELECT ${place}::int AS place, ${sums(part, scope)} FROM ${itemsOf(part.relation, scope, part.window, SUMMED)}`,
  );
  const rows = await rowsOf<TotalsRow & { place: number }>(
    conn,
    sql`${groundOf(first.relation, scope, first.window)} ${sql.join(selects, sql` UNION ALL `)}`,
  );
  return rows.flatMap(({ place, q, ...totals }): [Part, MeasureTotals][] => {
    const [p50 = null, p90 = null, p95 = null] = q ?? [];
    const part = parts[place];
    return part ? [[part, { ...totals, p50, p90, p95 }]] : [];
  });
}

const sameTotals = (a: AskedTotals, b: AskedTotals) => a.relation === b.relation && a.limitMs === b.limitMs;

function sums({ relation, limitMs, window }: Part, scope: Scope): SQL {
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
        sql`SELECT ${place}::int AS place, ${COLUMNS} FROM ${itemsOf(relation, scope, window, WHOLE)}`,
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
      SELECT ${COLUMNS}, ${RANK} AS rank FROM ${itemsOf(relation, scope, window, WHOLE)}
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
