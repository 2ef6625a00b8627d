/** Groups of drift as people read and decide them. */
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { driftDecision, driftGroup } from "#db/schema/drift-group";
import { appUser } from "#db/schema/people";
import { rankOf } from "#lib/domain/drift-group";
import type { DriftQuery, DriftSort, DriftTab } from "#lib/domain/drift-query";
import { containing, instant, ms, rowsOf, type Scope, texts, uuids } from "./sql.ts";

export type GroupRow = typeof driftGroup.$inferSelect;
export type ListedGroup = GroupRow & {
  baselineName: string;
  assigneeEmail: string | null;
  decidedByEmail: string | null;
};

const RANK = sql`CASE g.worst WHEN 'malicious_like' THEN ${rankOf("malicious_like")}::int
  WHEN 'unexplained' THEN ${rankOf("unexplained")}::int WHEN 'benign' THEN ${rankOf("benign")}::int
  ELSE ${rankOf("authorised")}::int END`;

/** Put aside, and neither spread nor got worse since; the same rule as `isSnoozed`. */
const snoozed = (now: Date) => sql`(g.snoozed_until IS NOT NULL AND g.snoozed_until > ${instant(now)}
  AND g.nodes <= g.snooze_nodes AND ${RANK} <= g.snooze_rank)`;

/** The tab that a group stands in: exactly one. */
const tabOf = (now: Date) => sql`CASE
  WHEN g.ended_at IS NOT NULL THEN 'over'
  WHEN g.state IN ('undecided', 'regressed') AND ${snoozed(now)} THEN 'snoozed'
  ELSE g.state END`;

function matching({ text, layers, classes }: DriftQuery) {
  const pattern = containing(text);
  return sql`(${text === ""} OR g.path ILIKE ${pattern} OR g.actual ILIKE ${pattern})
    AND (${layers.length === 0} OR g.layer = ANY(${texts(layers)}))
    AND (${classes.length === 0} OR g.worst = ANY(${texts(classes)}))`;
}

export type GroupFilter = { query: DriftQuery; tab: DriftTab; now: Date };

/** Groups per tab, under a query. */
export async function groupCounts(
  conn: Conn,
  scope: Scope,
  { query, now }: Omit<GroupFilter, "tab">,
): Promise<{ tab: DriftTab; groups: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT ${tabOf(now)} AS tab, count(*)::int AS groups FROM drift_group g
      WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND ${matching(query)} GROUP BY 1`,
  );
}

/** Where a page ended: the value that it is sorted by, and the id. */
export type GroupKey = { value: number; id: string };

const SORTS: Readonly<Record<DriftSort, ReturnType<typeof sql>>> = {
  priority: sql`g.priority`,
  newest: ms(sql`g.opened_at`),
  spread: sql`g.nodes::float8`,
};

/** Ids of one page of a tab, largest first, and where it ended. */
export async function groupPage(
  conn: Conn,
  scope: Scope,
  args: GroupFilter & { sort: DriftSort; after: GroupKey | null; limit: number },
): Promise<{ ids: string[]; next: GroupKey | null }> {
  const { query, tab, now, sort, after, limit } = args;
  const rows = await rowsOf<GroupKey>(
    conn,
    sql`SELECT id, value FROM (
        SELECT g.id, ${SORTS[sort]} AS value FROM drift_group g
        WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND ${tabOf(now)} = ${tab} AND ${matching(query)}
      ) g
      WHERE ${after ? sql`(value < ${after.value}::float8 OR (value = ${after.value}::float8 AND id > ${after.id}::uuid))` : sql`TRUE`}
      ORDER BY value DESC, id LIMIT ${limit + 1}`,
  );
  const last = rows[limit - 1];
  return {
    ids: rows.slice(0, limit).map(({ id }) => id),
    next: rows.length > limit && last ? last : null,
  };
}

/** Groups with the names of what they point to, in the order of the ids. */
export async function groupsByIds(conn: Conn, scope: Scope, ids: readonly string[]): Promise<ListedGroup[]> {
  if (ids.length === 0) return [];
  const rows = await rowsOf<{
    id: string;
    baselineName: string;
    assigneeEmail: string | null;
    decidedByEmail: string | null;
  }>(
    conn,
    sql`SELECT g.id, b.name AS "baselineName", a.email AS "assigneeEmail", d.email AS "decidedByEmail"
      FROM drift_group g
      JOIN baseline b ON b.trust_domain_id = g.trust_domain_id AND b.id = g.baseline_id
      LEFT JOIN app_user a ON a.id = g.assignee LEFT JOIN app_user d ON d.id = g.decided_by
      WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND g.id = ANY(${uuids(ids)})`,
  );
  const groups = await conn
    .select()
    .from(driftGroup)
    .where(and(inArray(driftGroup.trustDomainId, [...scope]), inArray(driftGroup.id, [...ids])));
  const names = new Map(rows.map(({ id, ...row }) => [id, row]));
  const known = new Map(groups.map((group) => [group.id, group]));
  return ids.flatMap((id) => {
    const [group, named] = [known.get(id), names.get(id)];
    return group && named ? [{ ...group, ...named }] : [];
  });
}

/** Groups held until the transaction ends, always in one order: two people who decide together queue here. */
export async function groupsLock(tx: Tx, scope: Scope, ids: readonly string[]): Promise<GroupRow[]> {
  return tx
    .select()
    .from(driftGroup)
    .where(and(inArray(driftGroup.trustDomainId, [...scope]), inArray(driftGroup.id, [...ids])))
    .orderBy(asc(driftGroup.id))
    .for("update");
}

export async function groupUpdate(
  tx: Tx,
  { trustDomainId, id }: Pick<GroupRow, "trustDomainId" | "id">,
  set: Partial<GroupRow>,
): Promise<void> {
  if (Object.keys(set).length === 0) return;
  await tx
    .update(driftGroup)
    .set(set)
    .where(and(eq(driftGroup.trustDomainId, trustDomainId), eq(driftGroup.id, id)));
}

/** Groups whose draft was replaced by one that holds all of it. */
export async function groupsMoveDraft(
  tx: Tx,
  { trustDomainId, baselineId }: { trustDomainId: string; baselineId: string },
  { from, to }: { from: readonly number[]; to: number },
): Promise<void> {
  if (from.length === 0) return;
  await tx
    .update(driftGroup)
    .set({ draftVersion: to })
    .where(
      and(
        eq(driftGroup.trustDomainId, trustDomainId),
        eq(driftGroup.baselineId, baselineId),
        inArray(driftGroup.draftVersion, [...from]),
      ),
    );
}

export async function decisionInsert(tx: Tx, row: typeof driftDecision.$inferInsert): Promise<void> {
  await tx.insert(driftDecision).values(row);
}

export type DecisionRow = typeof driftDecision.$inferSelect & { email: string | null };

/** Decisions about a group, the newest first. */
export async function decisionList(conn: Conn, scope: Scope, groupId: string): Promise<DecisionRow[]> {
  const rows = await conn
    .select({ decision: driftDecision, email: appUser.email })
    .from(driftDecision)
    .leftJoin(appUser, eq(appUser.id, driftDecision.decidedBy))
    .where(and(inArray(driftDecision.trustDomainId, [...scope]), eq(driftDecision.groupId, groupId)))
    .orderBy(desc(driftDecision.at), desc(driftDecision.id));
  return rows.map(({ decision, email }) => ({ ...decision, email }));
}

/** Groups for which a request of remediation was made, in the order of their paths. */
export async function groupsOfRequest(
  conn: Conn,
  { trustDomainId, id }: { trustDomainId: string; id: string },
): Promise<{ id: string; path: string }[]> {
  return rowsOf(
    conn,
    sql`SELECT DISTINCT g.id, g.path FROM drift_decision d
      JOIN drift_group g ON g.trust_domain_id = d.trust_domain_id AND g.id = d.group_id
      WHERE d.trust_domain_id = ${trustDomainId}::uuid AND d.kind = 'remediate' AND d.detail ->> 'requestId' = ${id}
      ORDER BY g.path, g.id`,
  );
}

/** What people decided about other groups of the same path and layer, counted. */
export async function pastDecisions(
  conn: Conn,
  group: Pick<GroupRow, "trustDomainId" | "id" | "path" | "layer">,
): Promise<{ kind: string; times: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT d.kind, count(DISTINCT d.group_id)::int AS times FROM drift_group g
      JOIN drift_decision d ON d.trust_domain_id = g.trust_domain_id AND d.group_id = g.id
      WHERE g.trust_domain_id = ${group.trustDomainId}::uuid AND g.path = ${group.path} AND g.layer = ${group.layer}
        AND g.id <> ${group.id}::uuid AND d.kind IN ('record', 'ignore', 'remediate') AND d.decided_by IS NOT NULL
      GROUP BY d.kind`,
  );
}

/** The group that was decided last, for an inbox that is empty. */
export async function lastDecided(
  conn: Conn,
  scope: Scope,
): Promise<{ id: string; path: string; state: string; at: number; by: string | null } | null> {
  const [row] = await rowsOf<{ id: string; path: string; state: string; at: number; by: string | null }>(
    conn,
    sql`SELECT g.id, g.path, g.state, ${ms(sql`g.decided_at`)} AS at, u.email AS by
      FROM drift_group g LEFT JOIN app_user u ON u.id = g.decided_by
      WHERE g.trust_domain_id = ANY(${uuids(scope)}) AND g.decided_at IS NOT NULL
      ORDER BY g.decided_at DESC, g.id LIMIT 1`,
  );
  return row ?? null;
}
