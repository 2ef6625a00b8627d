/** Figures about all sources, for the exposition. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { instant, ms, rowsOf } from "./sql.ts";

export type SourceWatchTotals = {
  /** Open findings by kind. */
  findings: Record<string, number>;
  /** In service. */
  sources: number;
  /** Of them, with an open finding of silence. */
  silent: number;
  /** Longest time since a receipt, over those with a cadence; 0 without one. */
  lagMs: number;
  /** Largest median clock difference, without sign; 0 when none was measured. */
  skewMs: number;
};

/** Of all trust domains. */
export async function sourceWatchTotals(conn: Conn, now: Date): Promise<SourceWatchTotals> {
  const [row] = await rowsOf<SourceWatchTotals>(
    conn,
    sql`WITH open AS (
        SELECT f.source_id, f.kind FROM source_finding f
        WHERE f.recorded_to IS NULL AND f.until IS NULL AND f.since <= ${instant(now)}
      )
      SELECT (SELECT coalesce(jsonb_object_agg(kind, n), '{}') FROM (
          SELECT kind, count(*)::int AS n FROM open GROUP BY kind) k) AS findings,
        count(*)::int AS sources,
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM open o WHERE o.source_id = s.id AND o.kind = 'silent'))::int
          AS silent,
        coalesce(max(${ms(instant(now))} - ${ms(sql`r.at`)}) FILTER (WHERE s.stale_after_ms IS NOT NULL), 0) AS "lagMs",
        coalesce(max(abs(w.skew_p50_ms)), 0) AS "skewMs"
      FROM source s
      LEFT JOIN source_watch w ON w.trust_domain_id = s.trust_domain_id AND w.source_id = s.id
      LEFT JOIN LATERAL (SELECT last_received_at AS at FROM rollup x
        WHERE x.trust_domain_id = s.trust_domain_id AND x.source_id = s.id ORDER BY bucket DESC LIMIT 1) r ON TRUE
      WHERE s.disabled_at IS NULL`,
  );
  return row ?? { findings: {}, sources: 0, silent: 0, lagMs: 0, skewMs: 0 };
}
