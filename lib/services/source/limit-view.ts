/** The silence limit of a stored source as the API shows it. */
import { epochsOf, limitOfSource } from "#db/queries/limit";
import type { SourceRow } from "#db/queries/source";
import type { SilenceLimitView } from "#lib/contracts/source";
import { epochAt, limitAt } from "#lib/domain/cadence";

/** @param asOf `null` = now. What was learnt has a course, how the limit is set has none and is as it is now. */
export function limitView(row: SourceRow, asOf: Date | null = null): SilenceLimitView {
  const cadences = epochsOf(row.cadenceFromMs, row.cadenceMs);
  const cadenceMs = asOf ? epochAt(cadences, asOf.getTime()) : (cadences.at(-1)?.ms ?? null);
  if (row.staleAfterMs === null) {
    return { mode: "none", staleAfterMs: null, cadenceMs, factor: null, floorMs: null, capMs: null };
  }
  if (row.limitMode !== "learnt") {
    const { staleAfterMs } = row;
    return { mode: "fixed", staleAfterMs, cadenceMs, factor: null, floorMs: null, capMs: null };
  }
  const learnt = asOf ? limitAt(limitOfSource(row), asOf.getTime()) : null;
  return {
    mode: "learnt",
    staleAfterMs: learnt ?? row.staleAfterMs,
    cadenceMs,
    factor: row.limitFactor,
    floorMs: row.limitFloorMs,
    capMs: row.limitCapMs,
  };
}
