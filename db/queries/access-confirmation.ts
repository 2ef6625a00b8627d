/** Strong roles, and who confirmed each of them last. */
import { and, asc, desc, eq, gt, inArray, isNull, or } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import { accessConfirmation, appUser, roleGrant } from "#db/schema/people";
import type { Scope } from "./sql.ts";

/**
 * Grants of these roles that are held at an instant, each with its newest confirmation. `confirmation` and
 * `confirmedBy` are `null` when nobody ever confirmed it.
 */
export async function confirmableGrants(conn: Conn, scope: Scope, roles: readonly string[], now: Date) {
  const newest = conn
    .selectDistinctOn([
      accessConfirmation.trustDomainId,
      accessConfirmation.userId,
      accessConfirmation.role,
      accessConfirmation.givenAt,
    ])
    .from(accessConfirmation)
    .where(inArray(accessConfirmation.trustDomainId, [...scope]))
    .orderBy(
      accessConfirmation.trustDomainId,
      accessConfirmation.userId,
      accessConfirmation.role,
      accessConfirmation.givenAt,
      desc(accessConfirmation.at),
      desc(accessConfirmation.id),
    )
    .as("newest");
  const confirmer = alias(appUser, "confirmer");
  return conn
    .select({
      grant: roleGrant,
      user: { id: appUser.id, email: appUser.email, disabledAt: appUser.disabledAt },
      trustDomain: trustDomain.name,
      confirmation: { at: newest.at, note: newest.note },
      confirmedBy: confirmer.email,
    })
    .from(roleGrant)
    .innerJoin(appUser, eq(appUser.id, roleGrant.userId))
    .innerJoin(trustDomain, eq(trustDomain.id, roleGrant.trustDomainId))
    .leftJoin(
      newest,
      and(
        eq(newest.trustDomainId, roleGrant.trustDomainId),
        eq(newest.userId, roleGrant.userId),
        eq(newest.role, roleGrant.role),
        eq(newest.givenAt, roleGrant.createdAt),
      ),
    )
    .leftJoin(confirmer, eq(confirmer.id, newest.confirmedBy))
    .where(
      and(
        inArray(roleGrant.trustDomainId, [...scope]),
        inArray(roleGrant.role, [...roles]),
        or(isNull(roleGrant.expiresAt), gt(roleGrant.expiresAt, now)),
      ),
    )
    .orderBy(asc(appUser.email), asc(appUser.id), asc(trustDomain.name), asc(roleGrant.role));
}

export async function confirmationInsert(tx: Tx, row: typeof accessConfirmation.$inferInsert): Promise<void> {
  await tx.insert(accessConfirmation).values(row);
}
