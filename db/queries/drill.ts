/** When recipes were last rehearsed and carried out. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type DrillRow = {
  trustDomainId: string;
  id: string;
  recipe: string;
  recipeVersion: number;
  /** `rehearsal` = nothing was done; `drill` = for real, on marked nodes; `real` = it was meant. */
  kind: "rehearsal" | "drill" | "real";
  state: string;
  outcome: string | null;
  email: string | null;
  /** Epoch milliseconds. */
  startedMs: number;
  /** `null` = it goes on, or waits for people; of drills alone. */
  endedMs: number | null;
  total: number;
  /** The first five by name. */
  names: string[];
};

const KIND = sql`CASE r.origin WHEN 'drill' THEN 'rehearsal' WHEN 'real_drill' THEN 'drill' ELSE 'real' END`;

/** Of every recipe the last rehearsal and the last real use that ended, and the drill that began last. */
export function lastRuns(conn: Conn, scope: Scope): Promise<DrillRow[]> {
  return rowsOf(
    conn,
    sql`WITH run AS (
        SELECT DISTINCT ON (r.recipe, kind) r.trust_domain_id, r.id, r.recipe, r.recipe_version, ${KIND} AS kind, r.state, r.outcome, r.requested_by, x.started_at, x.ended_at
        FROM remediation_request r
        JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
        WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND (x.ended_at IS NOT NULL OR r.origin = 'real_drill')
        ORDER BY r.recipe, kind, CASE r.origin WHEN 'real_drill' THEN x.started_at ELSE x.ended_at END DESC, r.id DESC)
      SELECT run.trust_domain_id AS "trustDomainId", run.id, run.recipe, run.recipe_version AS "recipeVersion", run.kind,
        run.state, run.outcome, u.email, ${ms(sql`run.started_at`)} AS "startedMs", ${ms(sql`run.ended_at`)} AS "endedMs",
        (SELECT count(*)::int FROM remediation_target t
          WHERE t.trust_domain_id = run.trust_domain_id AND t.request_id = run.id) AS total,
        ARRAY(SELECT t.display_name FROM remediation_target t
          WHERE t.trust_domain_id = run.trust_domain_id AND t.request_id = run.id
          ORDER BY t.display_name LIMIT 5) AS names
      FROM run LEFT JOIN app_user u ON u.id = run.requested_by ORDER BY run.recipe, run.kind`,
  );
}

/**
 * When each recipe last succeeded, in whatever way, and when a drill of it did. Epoch milliseconds; a recipe that
 * never did is missing.
 */
export async function provenAt(
  conn: Conn,
  scope: Scope,
): Promise<Map<string, { at: number; drilled: number | null }>> {
  const rows = await rowsOf<{ recipe: string; at: number; drilled: number | null }>(
    conn,
    sql`SELECT r.recipe, ${ms(sql`max(x.ended_at)`)} AS at,
        ${ms(sql`max(x.ended_at) FILTER (WHERE r.origin = 'real_drill')`)} AS drilled FROM remediation_request r
      JOIN execution x ON x.trust_domain_id = r.trust_domain_id AND x.request_id = r.id
      WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND r.state = 'succeeded' AND x.ended_at IS NOT NULL
      GROUP BY r.recipe`,
  );
  return new Map(rows.map(({ recipe, at, drilled }) => [recipe, { at, drilled }]));
}
