/** What plans of remediation are made of: nodes with their place in the fleet, evidence, policies and failures. */
import { and, desc, eq, gt, inArray, isNull, lte, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { appUser } from "#db/schema/people";
import { policy, policyActivation } from "#db/schema/policy";
import { approverGroupMember, pauseRequest } from "#db/schema/remediation";
import { controlPlaneMarks, type PlaceLabels } from "#lib/domain/remediation-limits";
import type { PlanNode } from "#lib/domain/remediation-plan";
import { FUSED, instant, ms, rowsOf, type Scope, texts, uuids } from "./sql.ts";

export type PlanNodeRow = PlanNode & { trustDomainId: string };

/** Requests that do something to their nodes right now. */
const ACTING = sql`SELECT t.trust_domain_id, t.node_id, min(r.action) AS action FROM remediation_request r
  JOIN remediation_target t ON t.trust_domain_id = r.trust_domain_id AND t.request_id = r.id
  WHERE r.ended_at IS NULL AND r.origin <> 'drill'
    AND r.state IN ('executing', 'verifying', 'aborting', 'partially_failed')`;

const nodesWhere = (scope: Scope, own: string | null, where: ReturnType<typeof sql>) => sql`
  WITH acting AS (${ACTING} AND r.trust_domain_id = ANY(${uuids(scope)})
    AND r.id IS DISTINCT FROM ${own}::uuid GROUP BY 1, 2)
  SELECT n.trust_domain_id AS "trustDomainId", n.id AS "nodeId", n.display_name AS name, n.labels, n.disposition,
    coalesce(s.status, 'pending') AS status, coalesce(s.lifecycle_state, 'discovered') AS lifecycle,
    (SELECT i.id FROM incarnation i WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id
      AND i.closed_at IS NULL ORDER BY i.opened_at DESC, i.id LIMIT 1) AS "incarnationId",
    a.action AS acting
  FROM node n
  LEFT JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id
  LEFT JOIN acting a ON a.trust_domain_id = n.trust_domain_id AND a.node_id = n.id
  WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND ${where}
  ORDER BY n.display_name, n.id`;

/**
 * Some nodes, by name.
 *
 * @param own request that does not count as something that is done to them
 */
export async function planNodes(
  conn: Conn,
  scope: Scope,
  nodeIds: readonly string[],
  own: string | null,
): Promise<PlanNodeRow[]> {
  return rowsOf(conn, nodesWhere(scope, own, sql`n.id = ANY(${uuids(nodeIds)})`));
}

/**
 * At least all nodes of some pools and quorums of one domain; who belongs to them exactly, their labels say.
 *
 * @param pools `""` = nodes without one
 * @param quorum whether members of quorums are asked for, too
 */
export async function planNeighbours(
  conn: Conn,
  trustDomainId: string,
  args: { pools: readonly string[]; quorum: boolean; own: string | null; places: PlaceLabels },
): Promise<PlanNodeRow[]> {
  const { poolLabels } = args.places;
  const named = poolLabels.map((label) => sql`n.labels ->> ${label} = ANY(${texts(args.pools)})`);
  const nowhere = args.pools.includes("")
    ? [sql`NOT jsonb_exists_any(n.labels, ${texts([...poolLabels])})`]
    : [];
  const members = args.quorum
    ? controlPlaneMarks(args.places).map(({ name, value }) =>
        value === null ? sql`jsonb_exists(n.labels, ${name})` : sql`n.labels ->> ${name} = ${value}`,
      )
    : [];
  const any = sql.join([...named, ...nowhere, ...members], sql` OR `);
  return rowsOf(
    conn,
    nodesWhere(
      [trustDomainId],
      args.own,
      sql`(${any}) AND coalesce(s.lifecycle_state, '') <> 'decommissioned'`,
    ),
  );
}

/** Nodes that are alike in everything that decides about their place and whether they serve. */
export type PlaceRow = Pick<PlanNode, "labels" | "lifecycle" | "disposition" | "acting"> & {
  /** Only those labels that were asked for. */
  labels: Record<string, string>;
  n: number;
};

/** All nodes of a domain that are not decommissioned, counted by some labels and whether they serve. */
export async function placeCounts(
  conn: Conn,
  trustDomainId: string,
  labelNames: readonly string[],
): Promise<PlaceRow[]> {
  return rowsOf(
    conn,
    sql`WITH acting AS (${ACTING} AND r.trust_domain_id = ${trustDomainId}::uuid GROUP BY 1, 2), placed AS (
        SELECT coalesce((SELECT jsonb_object_agg(l.key, l.value) FROM jsonb_each(n.labels) l
            WHERE l.key = ANY(${texts(labelNames)})), '{}') AS labels,
          n.disposition, coalesce(s.lifecycle_state, 'discovered') AS lifecycle, a.action AS acting
        FROM node n
        LEFT JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id
        LEFT JOIN acting a ON a.trust_domain_id = n.trust_domain_id AND a.node_id = n.id
        WHERE n.trust_domain_id = ${trustDomainId}::uuid AND coalesce(s.lifecycle_state, '') <> 'decommissioned')
      SELECT labels, disposition, lifecycle, acting, count(*)::int AS n FROM placed GROUP BY 1, 2, 3, 4`,
  );
}

/** Hex digests of the verdicts that decide what some nodes are now, sorted. */
export async function evidenceDigests(
  conn: Conn,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<string[]> {
  const rows = await rowsOf<{ digest: string }>(
    conn,
    sql`SELECT DISTINCT encode(opening_hash, 'hex') AS digest FROM lane
      WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ANY(${uuids(nodeIds)})
        AND opening_hash IS NOT NULL ORDER BY 1`,
  );
  return rows.map(({ digest }) => digest);
}

/** Policies that are enforced now, as `name@version`, sorted; `null` = none, so the built-in one. */
export async function policiesInForce(conn: Conn, trustDomainId: string): Promise<string | null> {
  const rows = await conn
    .selectDistinct({ name: policy.name, version: policyActivation.version })
    .from(policyActivation)
    .innerJoin(
      policy,
      and(eq(policy.trustDomainId, policyActivation.trustDomainId), eq(policy.id, policyActivation.policyId)),
    )
    .where(
      and(
        eq(policyActivation.trustDomainId, trustDomainId),
        eq(policyActivation.stage, "enforced"),
        isNull(policyActivation.validTo),
      ),
    );
  return rows.length === 0
    ? null
    : rows
        .map(({ name, version }) => `${name}@${version}`)
        .sort()
        .join(", ");
}

/** E-mail addresses of who wrote the baselines in force, with what selects their nodes. */
export async function baselineAuthors(
  conn: Conn,
  trustDomainId: string,
): Promise<{ email: string; selector: string }[]> {
  return rowsOf(
    conn,
    sql`SELECT DISTINCT u.email, b.selector FROM baseline_rollout o
      JOIN baseline b ON b.trust_domain_id = o.trust_domain_id AND b.id = o.baseline_id
      JOIN baseline_version v ON v.trust_domain_id = o.trust_domain_id AND v.baseline_id = o.baseline_id
        AND v.version = o.version
      JOIN app_user u ON u.id = v.author
      WHERE o.trust_domain_id = ${trustDomainId}::uuid AND o.valid_to IS NULL AND b.archived_at IS NULL`,
  );
}

/** Identities in use of some nodes, by node and kind. */
export async function identitiesOf(
  conn: Conn,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<{ nodeId: string; kind: string; value: string }[]> {
  return rowsOf(
    conn,
    sql`SELECT node_id AS "nodeId", kind, value FROM node_identity
      WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ANY(${uuids(nodeIds)}) AND valid_to IS NULL
      ORDER BY kind, value`,
  );
}

/** Nodes that came to be failed since an instant, with which words and against which baseline (`""` = none). */
export async function failuresSince(
  conn: Conn,
  trustDomainId: string,
  since: Date,
): Promise<
  { atMs: number; nodeId: string; labels: Record<string, string>; reason: string; baseline: string }[]
> {
  return rowsOf(
    conn,
    sql`SELECT ${ms(sql`i.valid_from`)} AS "atMs", i.node_id AS "nodeId", n.labels, i.reason,
        coalesce(i.baseline_version, '') AS baseline
      FROM trust_interval i
      JOIN node n ON n.trust_domain_id = i.trust_domain_id AND n.id = i.node_id
      WHERE i.trust_domain_id = ${trustDomainId}::uuid AND i.source_id = ${FUSED} AND i.state = 'failed'
        AND i.recorded_to IS NULL AND i.valid_from > ${instant(since)}
      ORDER BY i.valid_from, i.node_id`,
  );
}

/** Nodes per pool; `""` = none. */
export async function poolSizes(
  conn: Conn,
  trustDomainId: string,
  { poolLabels }: PlaceLabels,
): Promise<Map<string, number>> {
  const pool = sql`coalesce(${sql.join(
    poolLabels.map((label) => sql`n.labels ->> ${label}`),
    sql`, `,
  )}, '')`;
  const rows = await rowsOf<{ pool: string; nodes: number }>(
    conn,
    sql`SELECT ${pool} AS pool, count(*)::int AS nodes FROM node n
      WHERE n.trust_domain_id = ${trustDomainId}::uuid GROUP BY 1`,
  );
  return new Map(rows.map((row) => [row.pool, row.nodes]));
}

export type GroupMember = { group: string; userId: string; email: string };

export async function groupMembers(conn: Conn, trustDomainId: string): Promise<GroupMember[]> {
  return conn
    .select({
      group: approverGroupMember.groupName,
      userId: approverGroupMember.userId,
      email: appUser.email,
    })
    .from(approverGroupMember)
    .innerJoin(appUser, eq(appUser.id, approverGroupMember.userId))
    .where(eq(approverGroupMember.trustDomainId, trustDomainId))
    .orderBy(approverGroupMember.groupName, appUser.email);
}

/** The members of a group, in place of those that it had. */
export async function groupMembersPut(
  tx: Tx,
  { trustDomainId, group, at }: { trustDomainId: string; group: string; at: Date },
  members: readonly string[],
): Promise<void> {
  await tx
    .delete(approverGroupMember)
    .where(
      and(eq(approverGroupMember.trustDomainId, trustDomainId), eq(approverGroupMember.groupName, group)),
    );
  if (members.length === 0) return;
  await tx
    .insert(approverGroupMember)
    .values(members.map((userId) => ({ trustDomainId, groupName: group, userId, addedAt: at })));
}

export type PauseRow = typeof pauseRequest.$inferSelect & { email: string | null };

/** Those that hold at an instant, soonest over first. */
export async function pausesNow(conn: Conn, scope: Scope, now: Date): Promise<PauseRow[]> {
  const rows = await conn
    .select({ pause: pauseRequest, email: appUser.email })
    .from(pauseRequest)
    .leftJoin(appUser, eq(appUser.id, pauseRequest.madeBy))
    .where(
      and(
        inArray(pauseRequest.trustDomainId, [...scope]),
        isNull(pauseRequest.endedAt),
        gt(pauseRequest.expiresAt, now),
      ),
    )
    .orderBy(pauseRequest.expiresAt);
  return rows.map(({ pause, email }) => ({ ...pause, email }));
}

/** The newest that do not hold any more. */
export async function pausesOver(conn: Conn, scope: Scope, now: Date, limit: number): Promise<PauseRow[]> {
  const rows = await conn
    .select({ pause: pauseRequest, email: appUser.email })
    .from(pauseRequest)
    .leftJoin(appUser, eq(appUser.id, pauseRequest.madeBy))
    .where(
      and(
        inArray(pauseRequest.trustDomainId, [...scope]),
        sql`(${pauseRequest.endedAt} IS NOT NULL OR ${pauseRequest.expiresAt} <= ${instant(now)})`,
      ),
    )
    .orderBy(desc(pauseRequest.madeAt))
    .limit(limit);
  return rows.map(({ pause, email }) => ({ ...pause, email }));
}

/** Ids of those whose time is over and that nobody ended, the longest over first. */
export async function pausesExpired(conn: Conn, scope: Scope, now: Date, limit: number): Promise<string[]> {
  const rows = await conn
    .select({ id: pauseRequest.id })
    .from(pauseRequest)
    .where(
      and(
        inArray(pauseRequest.trustDomainId, [...scope]),
        isNull(pauseRequest.endedAt),
        lte(pauseRequest.expiresAt, now),
      ),
    )
    .orderBy(pauseRequest.expiresAt)
    .limit(limit);
  return rows.map(({ id }) => id);
}

export async function pauseInsert(tx: Tx, row: typeof pauseRequest.$inferInsert): Promise<void> {
  await tx.insert(pauseRequest).values(row);
}

export async function pauseLock(tx: Tx, scope: Scope, id: string) {
  const [row] = await tx
    .select()
    .from(pauseRequest)
    .where(and(inArray(pauseRequest.trustDomainId, [...scope]), eq(pauseRequest.id, id)))
    .for("update");
  return row;
}

export async function pauseEnd(
  tx: Tx,
  { trustDomainId, id }: { trustDomainId: string; id: string },
  endedAt: Date,
): Promise<void> {
  await tx
    .update(pauseRequest)
    .set({ endedAt })
    .where(and(eq(pauseRequest.trustDomainId, trustDomainId), eq(pauseRequest.id, id)));
}
