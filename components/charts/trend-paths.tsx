/** Geometry of the trend chart. Pure: rows in, SVG paths out. */

/** One instant; a series without a value there is a gap. */
export type TrendRow = { atMs: number; values: Readonly<Record<string, number | null>> };

/** Stretches of neighbouring rows that all have a value, as pairs of first and last index. */
function stretches(values: readonly (number | null)[]): [number, number][] {
  const found: [number, number][] = [];
  let start: number | null = null;
  for (let index = 0; index <= values.length; index++) {
    const present = index < values.length && values[index] !== null;
    if (present) start ??= index;
    else if (start !== null) {
      found.push([start, index - 1]);
      start = null;
    }
  }
  return found;
}

const round = (value: number) => Math.round(value * 100) / 100;

/** Points of a course that holds each value until the next instant: history is never interpolated. */
function steps(xs: readonly number[], ys: readonly number[]): string[] {
  return ys.flatMap((y, index) => {
    const point = `${round(xs[index] ?? 0)} ${round(y)}`;
    const next = xs[index + 1];
    return next === undefined ? [point] : [point, `${round(next)} ${round(y)}`];
  });
}

/** What the full height stands for: the highest sum of the series, or the highest single value; at least 1. */
export function topOf(rows: readonly TrendRow[], series: readonly { key: string }[], asSum: boolean): number {
  return rows.reduce((top, { values }) => {
    const here = series.map(({ key }) => values[key] ?? 0);
    return Math.max(top, asSum ? here.reduce((sum, value) => sum + value, 0) : Math.max(...here));
  }, 1);
}

/** Area and outline of one series on its own scale; one pair for each stretch without a gap. */
export function areaPath(
  rows: readonly TrendRow[],
  key: string,
  width: number,
  height: number,
): { area: string; line: string }[] {
  const values = rows.map((row) => row.values[key] ?? null);
  const top = topOf(rows, [{ key }], false);
  return stretches(values).map(([from, to]) => {
    const xs = xsOf(rows.length, width).slice(from, to + 1);
    // A pixel is left above, so that the outline of the highest value is not cut.
    const ys = values.slice(from, to + 1).map((value) => height - ((value ?? 0) / top) * (height - 1));
    const line = `M${steps(xs, ys).join("L")}`;
    return { line, area: `${line}L${round(xs.at(-1) ?? 0)} ${height}L${round(xs[0] ?? 0)} ${height}Z` };
  });
}

/** One closed path for each series, standing on those before it. */
export function stackOf(
  rows: readonly TrendRow[],
  series: readonly { key: string }[],
  width: number,
  height: number,
): { key: string; path: string }[] {
  const top = topOf(rows, series, true);
  const present = rows.map(({ values }) => (series.some(({ key }) => values[key] != null) ? 1 : null));
  const base = rows.map(() => 0);
  const y = (value: number) => height - (value / top) * height;
  return series.map(({ key }) => {
    const below = [...base];
    for (const [index, { values }] of rows.entries()) base[index] = (base[index] ?? 0) + (values[key] ?? 0);
    const path = stretches(present)
      .map(([from, to]) => {
        const xs = xsOf(rows.length, width).slice(from, to + 1);
        const upper = steps(xs, base.slice(from, to + 1).map(y));
        const lower = steps(xs, below.slice(from, to + 1).map(y)).reverse();
        return `M${[...upper, ...lower].join("L")}Z`;
      })
      .join("");
    return { key, path };
  });
}

function xsOf(count: number, width: number): number[] {
  return Array.from({ length: count }, (_, index) => (index / Math.max(1, count - 1)) * width);
}

/** The row whose stretch a place on the axis (0 to 1) lies in. */
export function indexAt(count: number, share: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(share * (count - 1) + 1e-9)));
}
