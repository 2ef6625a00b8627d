/** When recipes were last rehearsed and carried out. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type DrillRow = {
  trustDomainId: string;
  id: string;
  recipe: string;
  recipeVersion: number;
  drill: boolean;
  state: string;
  outcome: string | null;
  email: string | null;
  /** Epoch milliseconds. */
  startedMs: number;
  endedMs: number;
  total: number;
  /** The first five by name. */
  names: string[];
};

/** Of every recipe the last rehearsal that ended, and the last time that it was carried out for real. */
export function lastRuns(conn: Conn, scope: Scope): Promise<DrillRow[]> {
  return rowsOf(
    conn,
    sql`WITH run AS (
        SELECT DISTINCT ON (r.recipe, r.origin = 'drill') r.trust_domain_id, r.id, r.recipe, r.recipe_version,
          r.origin = 'drill' AS drill, r.state, r.outcome, r.requested_by, x.started_at, x.ended_at
        FROM remediation_request r
        JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
        WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND x.ended_at IS NOT NULL
        ORDER BY r.recipe, r.origin = 'drill', x.ended_at DESC, r.id DESC)
      SELECT run.trust_domain_id AS "trustDomainId", run.id, run.recipe, run.recipe_version AS "recipeVersion", run.drill,
        run.state, run.outcome, u.email, ${ms(sql`run.started_at`)} AS "startedMs", ${ms(sql`run.ended_at`)} AS "endedMs",
        (SELECT count(*)::int FROM remediation_target t
          WHERE t.trust_domain_id = run.trust_domain_id AND t.request_id = run.id) AS total,
        ARRAY(SELECT t.display_name FROM remediation_target t
          WHERE t.trust_domain_id = run.trust_domain_id AND t.request_id = run.id
          ORDER BY t.display_name LIMIT 5) AS names
      FROM run LEFT JOIN app_user u ON u.id = run.requested_by ORDER BY run.recipe, run.drill`,
  );
}

/** When each recipe last succeeded, rehearsed or real. Epoch milliseconds; one that never did is missing. */
export async function provenAt(conn: Conn, scope: Scope): Promise<Map<string, number>> {
  const rows = await rowsOf<{ recipe: string; at: number }>(
    conn,
    sql`SELECT r.recipe, ${ms(sql`max(x.ended_at)`)} AS at FROM remediation_request r
      JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
      WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND r.state = 'succeeded' AND x.ended_at IS NOT NULL
      GROUP BY r.recipe`,
  );
  return new Map(rows.map(({ recipe, at }) => [recipe, at]));
}
