/** What a trend chart is made of. */

/** One instant; a series without a value there is a gap. */
export type TrendRow = { atMs: number; values: Readonly<Record<string, number | null>> };

/** One series: where its value stands in a row, its word, and its colour. */
export type Series = { key: string; label: string; color: string };

/** What the full height stands for: the highest sum of the series at one instant; at least 1. */
export function topOf(rows: readonly TrendRow[], series: readonly { key: string }[]): number {
  return rows.reduce(
    (top, { values }) =>
      Math.max(
        top,
        series.reduce((sum, { key }) => sum + (values[key] ?? 0), 0),
      ),
    1,
  );
}
