/** The rows of all measures as a table. */
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { length, utc, VERDICT_NAMES, weight } from "./words.ts";

export const ROW_COLUMNS = [
  ...["measure", "measureTitle", "verdict", "kind", "name", "key", "nodeId"],
  ...["weight", "unit", "lengthMs", "at", "detail"],
] as const;

export type Cell = string | number | null;

/** In the order of the measures, each with its rows as the report orders them. */
export function* rowCells({ measures, rows }: ReportSnapshot): Generator<Cell[]> {
  for (const { id, title, unit } of measures) {
    const weighed = unit === "node time" ? "milliseconds of nodes" : unit;
    for (const { verdict, kind, name, key, nodeId, weight, value, at, detail } of rows[id] ?? []) {
      yield [id, title, verdict, kind, name, key, nodeId, weight, weighed, value, at, detail];
    }
  }
}

/** The first rows as they are printed: what they are of, how they count, what they are about, how much, when, why. */
export function annexRows({ measures, rows }: ReportSnapshot, limit: number): string[][] {
  const printed: string[][] = [];
  for (const { id, kind, unit } of measures) {
    for (const { verdict, name, weight: weighed, value, at, detail } of rows[id] ?? []) {
      if (printed.length === limit) return printed;
      const much = kind === "duration" && value !== null ? length(value) : weight(weighed, unit);
      printed.push([id, VERDICT_NAMES[verdict], name, much, at === null ? "" : utc(at), detail]);
    }
  }
  return printed;
}
