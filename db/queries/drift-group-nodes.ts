/** Who shows a change: the nodes of a group, and those of the same baseline that do not. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { SelectorNode } from "#lib/domain/baseline";
import type { NodeLook } from "#lib/domain/correlation";
import type { DriftClass } from "#lib/domain/drift";
import type { GroupRow } from "./drift-group.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

type GroupId = Pick<GroupRow, "trustDomainId" | "fingerprint" | "firstSeenAt" | "endedAt">;

export type GroupNodeRow = {
  id: string;
  name: string;
  status: string;
  class: DriftClass;
  why: string;
  sourceId: string;
  submod: string;
  firstAt: number;
  /** `null` = it still shows the change. */
  goneAt: number | null;
  exceptionId: string | null;
};

/** Windows that authorise a change on some nodes now, those that end first before others. */
export async function groupWindows(
  conn: Conn,
  { trustDomainId, fingerprint }: Pick<GroupRow, "trustDomainId" | "fingerprint">,
  now: Date,
): Promise<{ id: string; name: string; untilMs: number; nodes: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT w.id, w.name, ${ms(sql`least(w.to_at, w.ended_at)`)} AS "untilMs",
        count(DISTINCT f.node_id)::int AS nodes
      FROM drift_finding f
      JOIN maintenance_window w ON w.trust_domain_id = f.trust_domain_id AND w.id = f.window_id
      WHERE f.trust_domain_id = ${trustDomainId}::uuid AND f.fingerprint = ${fingerprint} AND f.recorded_to IS NULL
        AND f.valid_from <= ${instant(now)} AND (f.valid_to IS NULL OR f.valid_to > ${instant(now)})
      GROUP BY w.id, w.name, w.to_at, w.ended_at ORDER BY "untilMs", w.id`,
  );
}

/** Findings of the group's own time. */
const findingsOf = ({ trustDomainId, fingerprint, firstSeenAt, endedAt }: GroupId): SQL =>
  sql`SELECT DISTINCT ON (f.node_id) f.*, min(f.valid_from) OVER (PARTITION BY f.node_id) AS first_at
    FROM drift_finding f
    WHERE f.trust_domain_id = ${trustDomainId}::uuid AND f.fingerprint = ${fingerprint} AND f.recorded_to IS NULL
      AND (f.valid_to IS NULL OR f.valid_to > ${instant(firstSeenAt)})
      AND ${endedAt ? sql`f.valid_from < ${instant(endedAt)}` : sql`TRUE`}
    ORDER BY f.node_id, f.valid_from DESC, f.score DESC`;

/** Nodes of a group, the first ones first. */
export async function groupNodes(conn: Conn, group: GroupId, limit: number): Promise<GroupNodeRow[]> {
  return rowsOf(
    conn,
    sql`SELECT n.id, n.display_name AS name, t.status, f.class, f.why, f.source_id AS "sourceId", f.submod,
        ${ms(sql`f.first_at`)} AS "firstAt", ${ms(sql`f.valid_to`)} AS "goneAt", f.exception_id AS "exceptionId"
      FROM (${findingsOf(group)}) f
      JOIN node n ON n.trust_domain_id = f.trust_domain_id AND n.id = f.node_id
      JOIN node_state t ON t.trust_domain_id = n.trust_domain_id AND t.node_id = n.id
      ORDER BY f.first_at, n.display_name, n.id LIMIT ${limit}`,
  );
}

/** When each node of the group came to show the change, in order. */
export async function groupInstants(conn: Conn, group: GroupId): Promise<{ nodeId: string; atMs: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT f.node_id AS "nodeId", ${ms(sql`f.first_at`)} AS "atMs" FROM (${findingsOf(group)}) f ORDER BY 2, 1`,
  );
}

/** Nodes that are compared with the group's baseline now, and whether they show the change. */
export async function groupCohort(
  conn: Conn,
  group: Pick<GroupRow, "trustDomainId" | "fingerprint" | "baselineId">,
  now: Date,
): Promise<(NodeLook & { name: string })[]> {
  const compared = JSON.stringify([{ id: group.baselineId }]);
  return rowsOf(
    conn,
    sql`SELECT i.node_id AS "nodeId", n.display_name AS name, CASE WHEN EXISTS (
          SELECT FROM drift_finding f WHERE f.trust_domain_id = i.trust_domain_id AND f.node_id = i.node_id
            AND f.fingerprint = ${group.fingerprint} AND f.recorded_to IS NULL
            AND f.valid_from <= ${instant(now)} AND (f.valid_to IS NULL OR f.valid_to > ${instant(now)})
        ) THEN 'shows it' ELSE 'does not' END AS look
      FROM (SELECT DISTINCT trust_domain_id, node_id FROM drift_interval
        WHERE trust_domain_id = ${group.trustDomainId}::uuid AND recorded_to IS NULL
          AND valid_from <= ${instant(now)} AND (valid_to IS NULL OR valid_to > ${instant(now)})
          AND baselines @> ${compared}::jsonb) i
      JOIN node n ON n.trust_domain_id = i.trust_domain_id AND n.id = i.node_id
      ORDER BY n.display_name, i.node_id`,
  );
}

/** Nodes that show some changes now without leave, as selectors see them. */
export async function openNodes(
  conn: Conn,
  scope: Scope,
  groupIds: readonly string[],
  now: Date,
): Promise<(SelectorNode & { groupId: string })[]> {
  return rowsOf(
    conn,
    sql`SELECT DISTINCT g.id AS "groupId", n.id, n.display_name AS name, n.labels,
        coalesce((SELECT jsonb_object_agg(k.kind, k.vals) FROM (
          SELECT i.kind, jsonb_agg(i.value ORDER BY i.value) AS vals FROM node_identity i
          WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id AND i.valid_to IS NULL
          GROUP BY i.kind) k), '{}') AS identities
      FROM drift_group g
      JOIN drift_finding f ON f.trust_domain_id = g.trust_domain_id AND f.fingerprint = g.fingerprint
        AND f.recorded_to IS NULL AND f.class IN ('unexplained', 'malicious_like')
        AND f.valid_from <= ${instant(now)} AND (f.valid_to IS NULL OR f.valid_to > ${instant(now)})
      JOIN node n ON n.trust_domain_id = f.trust_domain_id AND n.id = f.node_id
      WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND g.id = ANY(${uuids(groupIds)})`,
  );
}
