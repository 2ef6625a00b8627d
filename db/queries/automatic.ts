/** Containment without a person: what is set, which failures were not judged yet, and what was said about them. */
import { and, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { node } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import { automaticContainment, automaticJudgement } from "#db/schema/remediation";
import type { FailedEvidence } from "#lib/domain/automatic";
import { FUSED, instant, ms, rowsOf, type Scope } from "./sql.ts";

export type AutomaticSetting = typeof automaticContainment.$inferSelect;
export type AutomaticRow = typeof automaticJudgement.$inferSelect & { nodeName: string };

/** Those that are not off. */
export async function automaticOn(conn: Conn): Promise<AutomaticSetting[]> {
  return conn.select().from(automaticContainment).where(sql`${automaticContainment.mode} <> 'off'`);
}

/** Of one domain, locked until the transaction ends; `undefined` = never set, so off. */
export async function automaticLock(tx: Tx, trustDomainId: string): Promise<AutomaticSetting | undefined> {
  const [row] = await tx
    .select()
    .from(automaticContainment)
    .where(eq(automaticContainment.trustDomainId, trustDomainId))
    .for("update");
  return row;
}

export async function automaticFind(
  conn: Conn,
  trustDomainId: string,
): Promise<(AutomaticSetting & { email: string | null }) | undefined> {
  const [found] = await conn
    .select({ row: automaticContainment, email: appUser.email })
    .from(automaticContainment)
    .leftJoin(appUser, eq(appUser.id, automaticContainment.changedBy))
    .where(eq(automaticContainment.trustDomainId, trustDomainId));
  return found && { ...found.row, email: found.email };
}

export async function automaticPut(tx: Tx, row: AutomaticSetting): Promise<void> {
  const { mode, revision, changedBy, changedAt, reason } = row;
  await tx.insert(automaticContainment).values(row).onConflictDoUpdate({
    target: automaticContainment.trustDomainId,
    set: { mode, revision, changedBy, changedAt, reason },
  });
}

export type Failure = { nodeId: string; failedMs: number; policyVersion: string | null };

/** Nodes whose own line has been failed since an instant at the earliest, and that were not judged for it. */
export async function failuresToJudge(
  conn: Conn,
  trustDomainId: string,
  { since, limit }: { since: Date; limit: number },
): Promise<Failure[]> {
  return rowsOf(
    conn,
    sql`SELECT i.node_id AS "nodeId", ${ms(sql`i.valid_from`)} AS "failedMs", i.policy_version AS "policyVersion"
      FROM trust_interval i
      WHERE i.trust_domain_id = ${trustDomainId}::uuid AND i.source_id = ${FUSED} AND i.state = 'failed'
        AND i.recorded_to IS NULL AND i.valid_to IS NULL AND i.valid_from >= ${instant(since)}
        AND NOT EXISTS (SELECT FROM automatic_judgement j WHERE j.trust_domain_id = i.trust_domain_id
          AND j.node_id = i.node_id AND j.failed_at = i.valid_from)
      ORDER BY i.valid_from, i.node_id LIMIT ${limit}`,
  );
}

/** What lines of a node that have failed rest on, with the digest of the verdict. */
export async function failedEvidence(
  conn: Conn,
  trustDomainId: string,
  nodeId: string,
): Promise<(FailedEvidence & { digest: string })[]> {
  return rowsOf(
    conn,
    sql`SELECT v.vector, v.coverage, v.freshness, encode(v.event_hash, 'hex') AS digest
      FROM lane l JOIN verdict v ON v.trust_domain_id = l.trust_domain_id AND v.node_id = l.node_id
        AND v.event_hash = l.opening_hash AND v.observed_at BETWEEN l.first_at AND l.last_at
      WHERE l.trust_domain_id = ${trustDomainId}::uuid AND l.node_id = ${nodeId}::uuid AND l.state = 'failed'
      ORDER BY v.event_hash`,
  );
}

/** When automatic containment took nodes, or would have, after an instant. */
export async function automaticStarts(conn: Conn, trustDomainId: string, after: Date): Promise<number[]> {
  const rows = await conn
    .select({ at: automaticJudgement.judgedAt })
    .from(automaticJudgement)
    .where(
      and(
        eq(automaticJudgement.trustDomainId, trustDomainId),
        eq(automaticJudgement.outcome, "acts"),
        gt(automaticJudgement.judgedAt, after),
      ),
    );
  return rows.map(({ at }) => at.getTime());
}

/** How often it acted, or would have, and how often something held it back, from an instant on. */
export async function judgementSums(
  conn: Conn,
  trustDomainId: string,
  since: Date,
): Promise<{ acts: number; held: number }> {
  const [row] = await rowsOf<{ acts: number; held: number }>(
    conn,
    sql`SELECT count(*) FILTER (WHERE outcome = 'acts')::int AS acts, count(*) FILTER (WHERE outcome = 'held')::int AS held
      FROM automatic_judgement WHERE trust_domain_id = ${trustDomainId}::uuid AND judged_at >= ${instant(since)}`,
  );
  return row ?? { acts: 0, held: 0 };
}

/** @returns false when the failure was judged meanwhile */
export async function judgementPut(tx: Tx, row: typeof automaticJudgement.$inferInsert): Promise<boolean> {
  const rows = await tx
    .insert(automaticJudgement)
    .values(row)
    .onConflictDoNothing()
    .returning({ nodeId: automaticJudgement.nodeId });
  return rows.length === 1;
}

/** The newest first. */
export async function judgementList(conn: Conn, scope: Scope, limit: number): Promise<AutomaticRow[]> {
  const rows = await conn
    .select({ row: automaticJudgement, nodeName: node.displayName })
    .from(automaticJudgement)
    .innerJoin(
      node,
      and(eq(node.trustDomainId, automaticJudgement.trustDomainId), eq(node.id, automaticJudgement.nodeId)),
    )
    .where(inArray(automaticJudgement.trustDomainId, [...scope]))
    .orderBy(desc(automaticJudgement.judgedAt), automaticJudgement.nodeId)
    .limit(limit);
  return rows.map(({ row, nodeName }) => ({ ...row, nodeName }));
}
