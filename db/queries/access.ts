/** Who holds what where, and whose sessions are open. */
import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lte, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import { appUser, groupRole, roleGrant, secondFactor, session } from "#db/schema/people";
import { roleGrantEnd } from "./role-grant-end.ts";
import type { Scope } from "./sql.ts";

/** One grant with its person and its domain's name; people are ordered by e-mail. */
export async function peopleWithGrants(conn: Conn, scope: Scope, userId?: string) {
  return conn
    .select({
      user: appUser,
      grant: roleGrant,
      trustDomain: trustDomain.name,
      secondFactorAt: secondFactor.confirmedAt,
    })
    .from(roleGrant)
    .innerJoin(appUser, eq(appUser.id, roleGrant.userId))
    .innerJoin(trustDomain, eq(trustDomain.id, roleGrant.trustDomainId))
    .leftJoin(secondFactor, eq(secondFactor.userId, appUser.id))
    .where(
      and(
        inArray(roleGrant.trustDomainId, [...scope]),
        userId === undefined ? undefined : eq(appUser.id, userId),
      ),
    )
    .orderBy(asc(appUser.email), asc(appUser.id), asc(trustDomain.name), asc(roleGrant.role));
}

type GrantKey = { userId: string; trustDomainId: string; role: string };

const isGrant = ({ userId, trustDomainId, role }: GrantKey) =>
  and(eq(roleGrant.userId, userId), eq(roleGrant.trustDomainId, trustDomainId), eq(roleGrant.role, role));

/**
 * Gives the role, or gives it a new end and another period: then it is held since it was given first, or everybody could
 * make a role look as if it had just been given. One that has run out is over, and this is another one.
 */
export async function roleGrantPut(tx: Tx, row: typeof roleGrant.$inferInsert): Promise<void> {
  const { expiresAt = null, reviewFrom = null, reviewTo = null, createdAt } = row;
  await roleGrantEnd(tx, and(isGrant(row), lte(roleGrant.expiresAt, createdAt)), createdAt);
  await tx
    .insert(roleGrant)
    .values(row)
    .onConflictDoUpdate({
      target: [roleGrant.userId, roleGrant.trustDomainId, roleGrant.role],
      set: { expiresAt, reviewFrom, reviewTo, origin: "local" },
    });
}

export async function roleGrantLock(
  tx: Tx,
  key: GrantKey,
): Promise<typeof roleGrant.$inferSelect | undefined> {
  const [row] = await tx.select().from(roleGrant).where(isGrant(key)).for("update");
  return row;
}

export async function roleGrantDelete(tx: Tx, key: GrantKey, at: Date): Promise<void> {
  await roleGrantEnd(tx, isGrant(key), at);
}

/**
 * How many people hold a role in a domain without an end, but for one of them. The domain is locked, so that of
 * two who take each other's role away one finds nobody left.
 */
export async function othersWithRole(tx: Tx, { userId, trustDomainId, role }: GrantKey): Promise<number> {
  await tx
    .select({ id: trustDomain.id })
    .from(trustDomain)
    .where(eq(trustDomain.id, trustDomainId))
    .for("update");
  const rows = await tx
    .select({ userId: roleGrant.userId })
    .from(roleGrant)
    .innerJoin(appUser, eq(appUser.id, roleGrant.userId))
    .where(
      and(
        eq(roleGrant.trustDomainId, trustDomainId),
        eq(roleGrant.role, role),
        isNull(roleGrant.expiresAt),
        isNull(appUser.disabledAt),
        sql`${roleGrant.userId} <> ${userId}::uuid`,
      ),
    );
  return rows.length;
}

/** End every session of a person. */
export async function sessionRevokeAll(tx: Tx, userId: string, at: Date): Promise<number> {
  const rows = await tx
    .update(session)
    .set({ revokedAt: at })
    .where(and(eq(session.userId, userId), isNull(session.revokedAt)))
    .returning({ userId: session.userId });
  return rows.length;
}

/** The open sessions of these people, the last used first. */
export async function sessionsOpen(
  conn: Conn,
  userIds: readonly string[],
  { now, idleSince }: { now: Date; idleSince: Date },
) {
  return conn
    .select({ session, email: appUser.email })
    .from(session)
    .innerJoin(appUser, eq(appUser.id, session.userId))
    .where(
      and(
        inArray(session.userId, [...userIds]),
        isNull(session.revokedAt),
        gt(session.expiresAt, now),
        gt(session.lastSeenAt, idleSince),
      ),
    )
    .orderBy(desc(session.lastSeenAt), asc(session.idSha256))
    .limit(500);
}

/** Whose session this is; `undefined` when there is no such one or it was ended. */
export async function sessionOwner(conn: Conn, idSha256: Buffer): Promise<string | undefined> {
  const [row] = await conn
    .select({ userId: session.userId })
    .from(session)
    .where(and(eq(session.idSha256, idSha256), isNull(session.revokedAt)));
  return row?.userId;
}

export async function sessionAuthenticated(tx: Tx, idSha256: Buffer, at: Date): Promise<void> {
  await tx.update(session).set({ authenticatedAt: at }).where(eq(session.idSha256, idSha256));
}

export async function groupRoleList(conn: Conn, scope: Scope) {
  return conn
    .select({ rule: groupRole, trustDomain: trustDomain.name })
    .from(groupRole)
    .innerJoin(trustDomain, eq(trustDomain.id, groupRole.trustDomainId))
    .where(inArray(groupRole.trustDomainId, [...scope]))
    .orderBy(asc(groupRole.groupName), asc(trustDomain.name), asc(groupRole.role));
}

/** @returns false when it was there already */
export async function groupRoleInsert(tx: Tx, row: typeof groupRole.$inferInsert): Promise<boolean> {
  const rows = await tx
    .insert(groupRole)
    .values(row)
    .onConflictDoNothing()
    .returning({ role: groupRole.role });
  return rows.length === 1;
}

/** @returns false when there was none */
export async function groupRoleDelete(
  tx: Tx,
  { trustDomainId, groupName, role }: { trustDomainId: string; groupName: string; role: string },
): Promise<boolean> {
  const rows = await tx
    .delete(groupRole)
    .where(
      and(
        eq(groupRole.trustDomainId, trustDomainId),
        eq(groupRole.groupName, groupName),
        eq(groupRole.role, role),
      ),
    )
    .returning({ role: groupRole.role });
  return rows.length === 1;
}

/** Which roles these groups give, over all domains: asked at sign-in, before anything is known. */
export async function groupRolesOf(conn: Conn, groups: readonly string[]) {
  if (groups.length === 0) return [];
  return conn
    .select({ trustDomainId: groupRole.trustDomainId, role: groupRole.role })
    .from(groupRole)
    .where(inArray(groupRole.groupName, [...groups]));
}

export async function secondFactorLock(
  tx: Tx,
  userId: string,
): Promise<typeof secondFactor.$inferSelect | undefined> {
  const [row] = await tx.select().from(secondFactor).where(eq(secondFactor.userId, userId)).for("update");
  return row;
}

export async function hasSecondFactor(conn: Conn, userId: string): Promise<boolean> {
  const rows = await conn
    .select({ userId: secondFactor.userId })
    .from(secondFactor)
    .where(and(eq(secondFactor.userId, userId), isNotNull(secondFactor.confirmedAt)));
  return rows.length === 1;
}
