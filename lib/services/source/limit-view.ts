/** The silence limit of a stored source as the API shows it. */
import type { SourceRow } from "#db/queries/source";
import type { SilenceLimitView } from "#lib/contracts/source";

export function limitView(row: SourceRow): SilenceLimitView {
  const cadenceMs = row.cadenceMs?.at(-1) ?? null;
  if (row.staleAfterMs === null) {
    return { mode: "none", staleAfterMs: null, cadenceMs, factor: null, floorMs: null, capMs: null };
  }
  if (row.limitMode !== "learnt") {
    const { staleAfterMs } = row;
    return { mode: "fixed", staleAfterMs, cadenceMs, factor: null, floorMs: null, capMs: null };
  }
  return {
    mode: "learnt",
    staleAfterMs: row.staleAfterMs,
    cadenceMs,
    factor: row.limitFactor,
    floorMs: row.limitFloorMs,
    capMs: row.limitCapMs,
  };
}
