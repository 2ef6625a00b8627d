/** The limits of remediation: what holds in a domain, and the versions that were set. */
import { desc, eq, inArray, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { appUser } from "#db/schema/people";
import { remediationLimits } from "#db/schema/remediation-limits";
import type { RemediationLimits } from "#lib/domain/remediation-limits";
import { rowsOf, type Scope } from "./sql.ts";

/** Whose limits a domain is under; `undefined` = the built-in ones. */
export async function limitsInForceRow(
  conn: Conn,
  trustDomainId: string,
): Promise<{ trustDomainId: string; content: RemediationLimits } | undefined> {
  const [row] = await rowsOf<{ trustDomainId: string; content: RemediationLimits }>(
    conn,
    sql`SELECT trust_domain_id AS "trustDomainId", content FROM remediation_limits_in_force(${trustDomainId}::uuid)`,
  );
  return row;
}

type LimitsRow = typeof remediationLimits.$inferSelect;

/** The newest version of each of some domains that have one. */
export async function limitsNewest(
  conn: Conn,
  scope: Scope,
): Promise<(LimitsRow & { authorEmail: string | null })[]> {
  const rows = await conn
    .selectDistinctOn([remediationLimits.trustDomainId], { row: remediationLimits, email: appUser.email })
    .from(remediationLimits)
    .leftJoin(appUser, eq(appUser.id, remediationLimits.author))
    .where(inArray(remediationLimits.trustDomainId, [...scope]))
    .orderBy(remediationLimits.trustDomainId, desc(remediationLimits.version));
  return rows.map(({ row, email }) => ({ ...row, authorEmail: email }));
}

export async function limitsInsert(tx: Tx, row: typeof remediationLimits.$inferInsert): Promise<void> {
  await tx.insert(remediationLimits).values(row);
}
