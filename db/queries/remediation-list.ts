/** Lists of remediation requests. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { REMEDIATION_TABS, type RemediationTab } from "#lib/domain/remediation-plan";
import { instant, rowsOf, type Scope, uuids } from "./sql.ts";

/** Who looks at a list. */
export type Looker = {
  /** Account; `null` = no person: nothing is theirs, and nothing waits for them. */
  userId: string | null;
  person: string;
  /** Domains in which they may decide. */
  decidesIn: readonly string[];
  now: Date;
};

/** Nothing was done, and its time is over: so it has ended, also before the worker wrote that down. */
const lapsed = (now: Date) =>
  sql`r.state IN ('pending', 'approved', 'scheduled') AND r.expires_at <= ${instant(now)}`;

function tabOf(tab: RemediationTab, { userId, person, decidesIn, now }: Looker): SQL {
  const me = sql`${userId}::uuid`;
  switch (tab) {
    case "waiting_on_me":
      return userId === null
        ? sql`FALSE`
        : sql`r.state = 'pending' AND r.expires_at > ${instant(now)}
          AND r.trust_domain_id = ANY(${uuids(decidesIn)})
          AND r.requester <> ${person} AND r.requested_by IS DISTINCT FROM ${me} AND NOT ${person} = ANY(r.excluded)
          AND NOT EXISTS (SELECT FROM remediation_vote v WHERE v.trust_domain_id = r.trust_domain_id
            AND v.request_id = r.id AND v.plan_hash = r.plan_hash AND (v.user_id = ${me} OR v.person = ${person}))
          AND NOT EXISTS (SELECT FROM remediation_delegation d WHERE d.trust_domain_id = r.trust_domain_id
            AND d.request_id = r.id AND d.from_user = ${me})
          AND EXISTS (SELECT FROM jsonb_array_elements(r.rules) rule
            CROSS JOIN jsonb_array_elements_text(rule -> 'groups') AS g(name) WHERE
            NOT EXISTS (SELECT FROM approver_group_member m
              WHERE m.trust_domain_id = r.trust_domain_id AND m.group_name = g.name)
            OR EXISTS (SELECT FROM approver_group_member m
              WHERE m.trust_domain_id = r.trust_domain_id AND m.group_name = g.name AND (m.user_id = ${me}
                OR EXISTS (SELECT FROM remediation_delegation d WHERE d.trust_domain_id = r.trust_domain_id
                  AND d.request_id = r.id AND d.from_user = m.user_id AND d.to_user = ${me}))))`;
    case "requested_by_me":
      return userId === null ? sql`FALSE` : sql`(r.requested_by = ${me} OR r.requester = ${person})`;
    case "in_progress":
      return sql`r.ended_at IS NULL AND NOT (${lapsed(now)})`;
    case "done":
      return sql`(r.ended_at IS NOT NULL OR (${lapsed(now)}))`;
  }
}

/** How many requests each tab has. */
export async function remediationCounts(
  conn: Conn,
  scope: Scope,
  looker: Looker,
  nodeId: string | null,
): Promise<Record<RemediationTab, number>> {
  const counts = REMEDIATION_TABS.map(
    (tab) => sql`count(*) FILTER (WHERE ${tabOf(tab, looker)})::int AS ${sql.identifier(tab)}`,
  );
  const [row] = await rowsOf<Record<RemediationTab, number>>(
    conn,
    sql`SELECT ${sql.join(counts, sql`, `)} FROM remediation_request r
      WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND ${aboutNode(nodeId)}`,
  );
  return row ?? { waiting_on_me: 0, requested_by_me: 0, in_progress: 0, done: 0 };
}

const aboutNode = (nodeId: string | null): SQL =>
  nodeId === null
    ? sql`TRUE`
    : sql`EXISTS (SELECT FROM remediation_target t WHERE t.trust_domain_id = r.trust_domain_id
        AND t.request_id = r.id AND t.node_id = ${nodeId}::uuid)`;

/** Where a page ended. */
export type RemediationKey = { atMs: number; id: string };

/**
 * Ids of one page of a tab, last asked for first; the id breaks ties.
 *
 * @param limit page size; one more is returned when a next page exists
 */
export async function remediationPage(
  conn: Conn,
  scope: Scope,
  args: Looker & { tab: RemediationTab; nodeId: string | null; after: RemediationKey | null; limit: number },
): Promise<string[]> {
  const { tab, nodeId, after, limit } = args;
  const from = after
    ? sql`(r.requested_at < ${instant(new Date(after.atMs))}
        OR (r.requested_at = ${instant(new Date(after.atMs))} AND r.id > ${after.id}::uuid))`
    : sql`TRUE`;
  const rows = await rowsOf<{ id: string }>(
    conn,
    sql`SELECT r.id FROM remediation_request r
      WHERE r.trust_domain_id = ANY(${uuids(scope)}) AND ${tabOf(tab, args)} AND ${aboutNode(nodeId)} AND ${from}
      ORDER BY r.requested_at DESC, r.id LIMIT ${limit + 1}`,
  );
  return rows.map(({ id }) => id);
}

/** How many nodes some requests are about, and the first five by name. */
export async function targetNames(
  conn: Conn,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, { total: number; names: string[] }>> {
  const rows = await rowsOf<{ id: string; total: number; names: string[] }>(
    conn,
    sql`SELECT request_id AS id, count(*)::int AS total,
        (array_agg(display_name ORDER BY display_name, node_id))[1:5] AS names
      FROM remediation_target WHERE trust_domain_id = ANY(${uuids(scope)}) AND request_id = ANY(${uuids(ids)})
      GROUP BY request_id`,
  );
  return new Map(rows.map(({ id, total, names }) => [id, { total, names }]));
}
