/** The rows of all measures as a table. */
import type { ReportSnapshot } from "#lib/domain/report/snapshot";

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
