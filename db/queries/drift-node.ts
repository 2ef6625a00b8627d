/** The drift of one node at an instant, as believed now or as known at an earlier one. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { believed, covers, type TimePoint, validAt } from "./time-sql.ts";

export type DriftLaneRow = {
  sourceId: string;
  sourceName: string;
  submod: string;
  since: number;
  worst: string | null;
  effect: string | null;
  score: number;
  findings: Record<string, number>;
  reason: string;
  baselines: { id: string; name: string; version: number }[];
  measurementDigest: string;
  settingVersion: number;
};

type About = { nodeId: string; point: TimePoint };

/** What each lane of the node that is compared with something amounts to. */
export function driftLanes(conn: Conn, scope: Scope, { nodeId, point }: About): Promise<DriftLaneRow[]> {
  return rowsOf(
    conn,
    sql`SELECT d.source_id AS "sourceId", s.name AS "sourceName", d.submod, ${ms(sql`d.valid_from`)} AS since, d.worst,
        d.effect, d.score, d.findings, d.reason, d.baselines,
        encode(d.measurement_digest, 'hex') AS "measurementDigest", d.setting_version AS "settingVersion"
      FROM drift_interval d
      JOIN source s ON s.trust_domain_id = d.trust_domain_id AND s.id = d.source_id
      WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND d.node_id = ${nodeId}
        AND ${covers(sql`d`, validAt(point))} AND ${believed(sql`d`, point.knownAt)}
      ORDER BY s.name, d.submod`,
  );
}

/** Whether something new about the node has not been assessed yet. */
export async function driftWaiting(
  conn: Conn,
  scope: Scope,
  { nodeId, now }: { nodeId: string; now: Date },
): Promise<boolean> {
  const rows = await rowsOf(
    conn,
    sql`SELECT 1 FROM drift_dirty
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id = ${nodeId} AND due_at <= ${now.toISOString()}`,
  );
  return rows.length > 0;
}

export type DriftFindingRow = {
  sourceId: string;
  submod: string;
  fingerprint: string;
  baselineId: string;
  baselineVersion: number;
  path: string;
  kind: string;
  layer: string;
  expected: string[];
  actual: string | null;
  class: string;
  rule: string;
  why: string;
  effect: string;
  score: number;
  since: number;
  /** Other nodes with the same change at the same instant. */
  others: number;
  /** The maintenance window that decided it. */
  window: { id: string; name: string; untilMs: number } | null;
};

/** Single findings of the node's lanes, by path. */
export function driftFindings(
  conn: Conn,
  scope: Scope,
  { nodeId, point }: About,
): Promise<DriftFindingRow[]> {
  return rowsOf(
    conn,
    sql`SELECT d.source_id AS "sourceId", d.submod, encode(d.fingerprint, 'hex') AS fingerprint,
        d.baseline_id AS "baselineId", d.baseline_version AS "baselineVersion", d.path, d.kind, d.layer, d.expected,
        d.actual, d.class, d.rule, d.why, d.effect, d.score, ${ms(sql`d.valid_from`)} AS since,
        (SELECT count(DISTINCT o.node_id)::int FROM drift_finding o
         WHERE o.trust_domain_id = d.trust_domain_id AND o.fingerprint = d.fingerprint AND o.node_id <> d.node_id
           AND ${covers(sql`o`, validAt(point))} AND ${believed(sql`o`, point.knownAt)}) AS others,
        CASE WHEN w.id IS NOT NULL THEN json_build_object('id', w.id, 'name', w.name,
          'untilMs', ${ms(sql`least(w.to_at, w.ended_at)`)}) END AS "window"
      FROM drift_finding d
      LEFT JOIN maintenance_window w ON w.trust_domain_id = d.trust_domain_id AND w.id = d.window_id
      WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND d.node_id = ${nodeId}
        AND ${covers(sql`d`, validAt(point))} AND ${believed(sql`d`, point.knownAt)}
      ORDER BY d.path COLLATE "C", d.source_id, d.submod`,
  );
}
