/** Measures: what their rows add up to, and the rows themselves. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { MeasureTotals, RowKind, RowVerdict } from "#lib/domain/measure/measure";
import { NO_TOTALS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import { ms, rowsOf, texts } from "./sql.ts";

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

const part = (verdict: RowVerdict): SQL =>
  sql`coalesce(sum(weight) FILTER (WHERE verdict = ${verdict}), 0)::float8`;

/**
 * @param relation `WITH … basis, item`
 * @param limitMs what an open row is longer than to be counted in `openOver`; `null` = none is
 */
export async function measureTotals(
  conn: Conn,
  relation: SQL,
  limitMs: number | null,
): Promise<MeasureTotals> {
  const over = limitMs === null ? sql`FALSE` : sql`value > ${limitMs}::float8`;
  const [row] = await rowsOf<Omit<MeasureTotals, "p50" | "p90" | "p95"> & { q: (number | null)[] | null }>(
    conn,
    sql`${relation}
      SELECT ${part("met")} AS met, ${part("missed")} AS missed, ${part("stale")} AS stale,
        ${part("not_covered")} AS "notCovered", ${part("exempt")} AS exempt,
        count(*) FILTER (WHERE verdict = 'open')::float8 AS open,
        count(*) FILTER (WHERE verdict = 'open' AND ${over})::float8 AS "openOver",
        count(value) FILTER (WHERE verdict <> 'open')::float8 AS n,
        percentile_disc(ARRAY[0.5, 0.9, 0.95]) WITHIN GROUP (ORDER BY value) FILTER (WHERE verdict <> 'open') AS q,
        (SELECT n FROM basis) AS basis
      FROM item`,
  );
  if (!row) return NO_TOTALS;
  const { q, ...totals } = row;
  return { ...totals, p50: q?.[0] ?? null, p90: q?.[1] ?? null, p95: q?.[2] ?? null };
}

const RANK = sql`array_position(${texts(ROW_VERDICTS)}, verdict)`;

const COLUMNS = sql`kind, key, node_id AS "nodeId", name, verdict, weight::float8 AS weight, value, ${ms(sql`at`)} AS at,
  detail`;

/** All rows, in no order. @param limit most rows that are read */
export async function measureRowsAll(conn: Conn, relation: SQL, limit: number): Promise<MeasureRow[]> {
  return rowsOf<MeasureRow>(conn, sql`${relation} SELECT ${COLUMNS} FROM item LIMIT ${limit}`);
}

/** One page of rows: what was missed first, the longest first. */
export async function measureRows(
  conn: Conn,
  relation: SQL,
  { after, limit, verdict }: { after: MeasureRowKey | null; limit: number; verdict: RowVerdict | null },
): Promise<{ items: MeasureRow[]; next: MeasureRowKey | null }> {
  const value = sql`coalesce(value, -1)`;
  const later = after
    ? sql`(${RANK}, -${value}, key) > (${after.rank}::int, -${after.value}::float8, ${after.key})`
    : sql`TRUE`;
  const rows = await rowsOf<MeasureRow & { rank: number }>(
    conn,
    sql`${relation}
      SELECT ${COLUMNS}, ${RANK} AS rank
      FROM item WHERE ${later} AND ${verdict === null ? sql`TRUE` : sql`verdict = ${verdict}`}
      ORDER BY ${RANK}, -${value}, key LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ rank: _, ...row }) => row),
    next: rows.length > limit && last ? { rank: last.rank, value: last.value ?? -1, key: last.key } : null,
  };
}
