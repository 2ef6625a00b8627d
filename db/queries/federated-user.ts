/** People of an identity provider, and the roles that follow their groups. */
import { and, eq, gt, isNull, or } from "drizzle-orm";
import type { Tx } from "#db/client";
import { appUser, roleGrant } from "#db/schema/people";
import { roleGrantEnd } from "./role-grant-end.ts";

/** The person with this issuer and subject, made when there is none; locked until the transaction ends. */
export async function federatedUserPut(
  tx: Tx,
  { now, ...who }: { id: string; issuer: string; subject: string; email: string; now: Date },
): Promise<{ id: string; disabledAt: Date | null; hasLocalGrant: boolean }> {
  const [user] = await tx
    .insert(appUser)
    .values({ ...who, passwordHash: null, mustChangePassword: false, failedSignIns: 0, createdAt: now })
    .onConflictDoUpdate({ target: [appUser.issuer, appUser.subject], set: { email: who.email } })
    .returning({ id: appUser.id, disabledAt: appUser.disabledAt });
  if (!user) throw new Error("The person was not stored");
  const local = await tx
    .select({ role: roleGrant.role })
    .from(roleGrant)
    .where(
      and(
        eq(roleGrant.userId, user.id),
        eq(roleGrant.origin, "local"),
        or(isNull(roleGrant.expiresAt), gt(roleGrant.expiresAt, now)),
      ),
    );
  return { ...user, hasLocalGrant: local.length > 0 };
}

type Key = { userId: string; trustDomainId: string; role: string };

export async function roleGrantsFollowing(
  tx: Tx,
  userId: string,
): Promise<{ trustDomainId: string; role: string }[]> {
  return tx
    .select({ trustDomainId: roleGrant.trustDomainId, role: roleGrant.role })
    .from(roleGrant)
    .where(and(eq(roleGrant.userId, userId), eq(roleGrant.origin, "oidc")));
}

/** A role that somebody gave here already stays as it is. */
export async function roleGrantFollow(tx: Tx, row: Key & { createdAt: Date }): Promise<void> {
  await tx
    .insert(roleGrant)
    .values({ ...row, origin: "oidc" })
    .onConflictDoNothing();
}

export async function roleGrantEndFollowing(
  tx: Tx,
  { userId, trustDomainId, role }: Key,
  at: Date,
): Promise<void> {
  const which = and(
    eq(roleGrant.userId, userId),
    eq(roleGrant.trustDomainId, trustDomainId),
    eq(roleGrant.role, role),
    eq(roleGrant.origin, "oidc"),
  );
  await roleGrantEnd(tx, which, at);
}
