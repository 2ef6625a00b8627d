/** The silence limit of a source, in SQL and from its row; both say the same. */
import { type SQL, sql } from "drizzle-orm";
import type { Epoch, SilenceLimit } from "#lib/domain/cadence";
import type { SourceRow } from "./source.ts";

/**
 * The limit that silence after an instant is judged by, in milliseconds; NULL = never silent.
 *
 * Reads columns of `source s`.
 */
export const limitMsAt = (lastAt: SQL): SQL =>
  sql`coalesce(s.limit_ms[width_bucket((extract(epoch FROM ${lastAt}) * 1000)::bigint, s.limit_from_ms)], s.stale_after_ms)`;

/** Two parallel arrays of a row as epochs; numbers may arrive as text. */
export function epochsOf(
  fromMs: readonly (number | string)[] | null,
  ms: readonly (number | string)[] | null,
): Epoch[] {
  return (fromMs ?? []).map((from, index) => ({ fromMs: Number(from), ms: Number(ms?.[index]) }));
}

/** The columns of a source that say its limit, as they come. */
export type LimitColumns = {
  stale_after_ms: string | null;
  limit_from_ms: string[] | null;
  limit_ms: string[] | null;
};

export function limitOfColumns(row: LimitColumns): SilenceLimit {
  if (row.limit_from_ms !== null) return epochsOf(row.limit_from_ms, row.limit_ms);
  return row.stale_after_ms === null ? null : Number(row.stale_after_ms);
}

/** The limit of a source over time. */
export function limitOfSource(
  row: Pick<SourceRow, "staleAfterMs" | "limitFromMs" | "limitMs">,
): SilenceLimit {
  return row.limitFromMs === null ? row.staleAfterMs : epochsOf(row.limitFromMs, row.limitMs);
}
