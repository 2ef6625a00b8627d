/** Policies, their versions, the stages of them, and exceptions from them. */
import { and, asc, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { node } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import {
  policy,
  policyActivation,
  policyException,
  policyRederivation,
  policyShadow,
  policyVersion,
} from "#db/schema/policy";
import { BUILT_IN_POLICY_VERSION } from "#lib/domain/policy";
import { FUSED, rowsOf, type Scope, uuids } from "./sql.ts";

export type PolicyRow = typeof policy.$inferSelect;
export type PolicyVersionRow = typeof policyVersion.$inferSelect & { authorEmail: string | null };
export type PolicyActivationRow = typeof policyActivation.$inferSelect & { createdByEmail: string | null };
export type PolicyExceptionRow = typeof policyException.$inferSelect & { createdByEmail: string | null };

export async function policyList(conn: Conn, scope: Scope): Promise<PolicyRow[]> {
  return conn
    .select()
    .from(policy)
    .where(inArray(policy.trustDomainId, [...scope]))
    .orderBy(asc(policy.name), asc(policy.trustDomainId));
}

/**
 * A policy by its name; `undefined` when there is none or it lies outside the scope.
 *
 * @param lock hold it until the transaction ends: versions and stages queue here
 */
export async function policyFind(
  conn: Conn,
  scope: Scope,
  name: string,
  lock = false,
): Promise<PolicyRow | undefined> {
  const query = conn
    .select()
    .from(policy)
    .where(and(inArray(policy.trustDomainId, [...scope]), eq(policy.name, name)))
    .limit(1);
  const [row] = await (lock ? query.for("update") : query);
  return row;
}

/** @returns false when the name is taken */
export async function policyInsert(tx: Tx, row: typeof policy.$inferInsert): Promise<boolean> {
  const rows = await tx.insert(policy).values(row).onConflictDoNothing().returning({ id: policy.id });
  return rows.length > 0;
}

type PolicyId = { trustDomainId: string; policyId: string };

/** Newest first. */
export async function policyVersionList(
  conn: Conn,
  { trustDomainId, policyId }: PolicyId,
): Promise<PolicyVersionRow[]> {
  const rows = await conn
    .select({ version: policyVersion, authorEmail: appUser.email })
    .from(policyVersion)
    .leftJoin(appUser, eq(appUser.id, policyVersion.author))
    .where(and(eq(policyVersion.trustDomainId, trustDomainId), eq(policyVersion.policyId, policyId)))
    .orderBy(desc(policyVersion.version));
  return rows.map(({ version, authorEmail }) => ({ ...version, authorEmail }));
}

export async function policyVersionInsert(tx: Tx, row: typeof policyVersion.$inferInsert): Promise<void> {
  await tx.insert(policyVersion).values(row);
}

/** Every stage that versions of some policies are or were in, newest first. */
export async function policyActivationList(
  conn: Conn,
  scope: Scope,
  policyId: string | null = null,
): Promise<PolicyActivationRow[]> {
  const rows = await conn
    .select({ activation: policyActivation, createdByEmail: appUser.email })
    .from(policyActivation)
    .leftJoin(appUser, eq(appUser.id, policyActivation.createdBy))
    .where(
      and(
        inArray(policyActivation.trustDomainId, [...scope]),
        policyId === null ? undefined : eq(policyActivation.policyId, policyId),
      ),
    )
    .orderBy(desc(policyActivation.validFrom), desc(policyActivation.id));
  return rows.map(({ activation, createdByEmail }) => ({ ...activation, createdByEmail }));
}

export async function policyActivationInsert(
  tx: Tx,
  row: typeof policyActivation.$inferInsert,
): Promise<void> {
  await tx.insert(policyActivation).values(row);
}

/** End what is still in force of some activations. */
export async function policyActivationEnd(
  tx: Tx,
  trustDomainId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(policyActivation)
    .set({ validTo: at })
    .where(
      and(
        eq(policyActivation.trustDomainId, trustDomainId),
        inArray(policyActivation.id, [...ids]),
        isNull(policyActivation.validTo),
      ),
    );
}

/** Newest first. */
export async function policyExceptionList(conn: Conn, scope: Scope): Promise<PolicyExceptionRow[]> {
  const rows = await conn
    .select({ exception: policyException, createdByEmail: appUser.email })
    .from(policyException)
    .leftJoin(appUser, eq(appUser.id, policyException.createdBy))
    .where(inArray(policyException.trustDomainId, [...scope]))
    .orderBy(desc(policyException.createdAt), desc(policyException.id));
  return rows.map(({ exception, createdByEmail }) => ({ ...exception, createdByEmail }));
}

export async function policyExceptionInsert(tx: Tx, row: typeof policyException.$inferInsert): Promise<void> {
  await tx.insert(policyException).values(row);
}

/**
 * End an exception before its time.
 *
 * @returns the row as it was; `undefined` when there is none in force in the scope
 */
export async function policyExceptionEnd(
  tx: Tx,
  scope: Scope,
  id: string,
  at: Date,
): Promise<typeof policyException.$inferSelect | undefined> {
  const [row] = await tx
    .select()
    .from(policyException)
    .where(
      and(
        inArray(policyException.trustDomainId, [...scope]),
        eq(policyException.id, id),
        gt(policyException.validTo, at),
      ),
    )
    .for("update");
  if (!row) return undefined;
  await tx
    .update(policyException)
    .set({ validTo: at })
    .where(and(eq(policyException.trustDomainId, row.trustDomainId), eq(policyException.id, id)));
  return row;
}

export type ShadowRow = typeof policyShadow.$inferSelect & { name: string; total: number };

/** Nodes about which something in shadow would decide otherwise, most recently different first. */
export async function policyShadowList(
  conn: Conn,
  scope: Scope,
  activationIds: readonly string[],
  limit: number,
): Promise<ShadowRow[]> {
  if (activationIds.length === 0) return [];
  const rows = await conn
    .select({ shadow: policyShadow, name: node.displayName, total: sql<number>`count(*) OVER ()::int` })
    .from(policyShadow)
    .innerJoin(
      node,
      and(eq(node.trustDomainId, policyShadow.trustDomainId), eq(node.id, policyShadow.nodeId)),
    )
    .where(
      and(
        inArray(policyShadow.trustDomainId, [...scope]),
        inArray(policyShadow.activationId, [...activationIds]),
      ),
    )
    .orderBy(desc(policyShadow.since), asc(policyShadow.nodeId))
    .limit(limit);
  return rows.map(({ shadow, name, total }) => ({ ...shadow, name, total }));
}

/** How many nodes' present status each policy decided, by its name, per trust domain. */
export async function policyDecided(
  conn: Conn,
  scope: Scope,
): Promise<{ trustDomainId: string; name: string; nodes: number }[]> {
  return rowsOf(
    conn,
    sql`SELECT trust_domain_id AS "trustDomainId",
          split_part(coalesce(policy_version, ${BUILT_IN_POLICY_VERSION}), '@', 1) AS name, count(*)::int AS nodes
        FROM trust_interval
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND source_id = ${FUSED}
          AND recorded_to IS NULL AND valid_to IS NULL
        GROUP BY 1, 2`,
  );
}

/** How far lines follow what was changed; `null` = everywhere. */
export async function policyProgress(
  conn: Conn,
  scope: Scope,
): Promise<{ done: number; total: number } | null> {
  const [row] = await conn
    .select({
      open: sql<number>`count(*)::int`,
      done: sql<number>`coalesce(sum(${policyRederivation.nodesDone}), 0)::int`,
      total: sql<number>`coalesce(sum(${policyRederivation.nodesTotal}), 0)::int`,
    })
    .from(policyRederivation)
    .where(and(inArray(policyRederivation.trustDomainId, [...scope]), isNull(policyRederivation.finishedAt)));
  return row && row.open > 0 ? { done: row.done, total: row.total } : null;
}
