/** Service accounts with their roles, keys and trusted issuers. */
import { and, asc, desc, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import { serviceAccount, serviceGrant, workloadTrust } from "#db/schema/service-account";
import { apiKey } from "#db/schema/source";
import type { Scope } from "./sql.ts";

export type ServiceAccountRow = typeof serviceAccount.$inferSelect;
export type ServiceGrantRow = typeof serviceGrant.$inferSelect;
export type WorkloadTrustRow = typeof workloadTrust.$inferSelect;
export type ServiceKeyRow = typeof apiKey.$inferSelect;

/** Names one account: half of every key below it. */
export type AccountKey = { trustDomainId: string; serviceAccountId: string };

const ofAccounts = (table: typeof serviceGrant | typeof workloadTrust | typeof apiKey, ids: Scope) =>
  inArray(table.serviceAccountId, [...ids]);

/** The visible ones by name, each with the name of its domain and its owner. */
export async function serviceAccountRows(conn: Conn, scope: Scope, id?: string) {
  return conn
    .select({
      account: serviceAccount,
      trustDomain: trustDomain.name,
      owner: { id: appUser.id, email: appUser.email, disabledAt: appUser.disabledAt },
    })
    .from(serviceAccount)
    .innerJoin(trustDomain, eq(trustDomain.id, serviceAccount.trustDomainId))
    .innerJoin(appUser, eq(appUser.id, serviceAccount.ownerId))
    .where(
      and(
        inArray(serviceAccount.trustDomainId, [...scope]),
        id === undefined ? undefined : eq(serviceAccount.id, id),
      ),
    )
    .orderBy(asc(serviceAccount.name), asc(serviceAccount.id));
}

export async function serviceAccountLock(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<ServiceAccountRow | undefined> {
  const [row] = await tx
    .select()
    .from(serviceAccount)
    .where(and(inArray(serviceAccount.trustDomainId, [...scope]), eq(serviceAccount.id, id)))
    .for("update");
  return row;
}

/** @returns false when the name is taken in its domain */
export async function serviceAccountInsert(
  tx: Tx,
  row: typeof serviceAccount.$inferInsert,
): Promise<boolean> {
  const rows = await tx
    .insert(serviceAccount)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: serviceAccount.id });
  return rows.length === 1;
}

export async function serviceAccountSetDisabled(
  tx: Tx,
  { trustDomainId, id }: { trustDomainId: string; id: string },
  disabledAt: Date | null,
): Promise<void> {
  await tx
    .update(serviceAccount)
    .set({ disabledAt })
    .where(and(eq(serviceAccount.trustDomainId, trustDomainId), eq(serviceAccount.id, id)));
}

/** Every grant of these accounts, ended ones too, with the name of its domain where the caller sees that. */
export async function serviceGrantRows(conn: Conn, scope: Scope, accountIds: readonly string[]) {
  return conn
    .select({ grant: serviceGrant, trustDomain: trustDomain.name })
    .from(serviceGrant)
    .innerJoin(trustDomain, eq(trustDomain.id, serviceGrant.grantedIn))
    .where(and(inArray(serviceGrant.trustDomainId, [...scope]), ofAccounts(serviceGrant, accountIds)))
    .orderBy(asc(trustDomain.name), asc(serviceGrant.role));
}

/** What an account holds at an instant. */
export async function serviceGrantsNow(
  conn: Conn,
  { trustDomainId, serviceAccountId }: AccountKey,
  now: Date,
): Promise<{ trustDomainId: string; role: string }[]> {
  return conn
    .select({ trustDomainId: serviceGrant.grantedIn, role: serviceGrant.role })
    .from(serviceGrant)
    .where(
      and(
        eq(serviceGrant.trustDomainId, trustDomainId),
        eq(serviceGrant.serviceAccountId, serviceAccountId),
        or(isNull(serviceGrant.expiresAt), gt(serviceGrant.expiresAt, now)),
      ),
    )
    .orderBy(asc(serviceGrant.createdAt), asc(serviceGrant.grantedIn));
}

/** Gives the role, or gives it a new end. */
export async function serviceGrantPut(tx: Tx, row: typeof serviceGrant.$inferInsert): Promise<void> {
  const { expiresAt = null, createdAt } = row;
  await tx
    .insert(serviceGrant)
    .values(row)
    .onConflictDoUpdate({
      target: [
        serviceGrant.trustDomainId,
        serviceGrant.serviceAccountId,
        serviceGrant.grantedIn,
        serviceGrant.role,
      ],
      set: { expiresAt, createdAt },
    });
}

/** @returns what was taken away; `undefined` when there was nothing */
export async function serviceGrantDelete(
  tx: Tx,
  { trustDomainId, serviceAccountId, grantedIn, role }: AccountKey & { grantedIn: string; role: string },
): Promise<ServiceGrantRow | undefined> {
  const [row] = await tx
    .delete(serviceGrant)
    .where(
      and(
        eq(serviceGrant.trustDomainId, trustDomainId),
        eq(serviceGrant.serviceAccountId, serviceAccountId),
        eq(serviceGrant.grantedIn, grantedIn),
        eq(serviceGrant.role, role),
      ),
    )
    .returning();
  return row;
}

/** Keys of these accounts, the newest first. */
export async function serviceKeyRows(
  conn: Conn,
  scope: Scope,
  accountIds: readonly string[],
): Promise<ServiceKeyRow[]> {
  return conn
    .select()
    .from(apiKey)
    .where(and(inArray(apiKey.trustDomainId, [...scope]), ofAccounts(apiKey, accountIds)))
    .orderBy(desc(apiKey.createdAt), desc(apiKey.id));
}

export async function serviceKeyLock(
  tx: Tx,
  { trustDomainId, serviceAccountId }: AccountKey,
  id: string,
): Promise<ServiceKeyRow | undefined> {
  const [row] = await tx
    .select()
    .from(apiKey)
    .where(
      and(
        eq(apiKey.trustDomainId, trustDomainId),
        eq(apiKey.serviceAccountId, serviceAccountId),
        eq(apiKey.id, id),
      ),
    )
    .for("update");
  return row;
}

/** The key ends, and another one has its place. */
export async function serviceKeyReplace(
  tx: Tx,
  id: string,
  { expiresAt, replacedBy }: { expiresAt: Date; replacedBy: string },
): Promise<void> {
  await tx.update(apiKey).set({ expiresAt, replacedBy }).where(eq(apiKey.id, id));
}

/**
 * The account's key with this digest, and the account. Global on purpose: the caller's trust domain is what the key
 * tells us.
 */
export async function serviceKeyBySecret(
  conn: Conn,
  secretSha256: Buffer,
): Promise<{ key: ServiceKeyRow; account: ServiceAccountRow } | undefined> {
  const [row] = await conn
    .select({ key: apiKey, account: serviceAccount })
    .from(apiKey)
    .innerJoin(
      serviceAccount,
      and(
        eq(serviceAccount.trustDomainId, apiKey.trustDomainId),
        eq(serviceAccount.id, apiKey.serviceAccountId),
      ),
    )
    .where(eq(apiKey.secretSha256, secretSha256));
  return row;
}

/** Trusted issuers of these accounts that still count, the oldest first. */
export async function workloadTrustRows(
  conn: Conn,
  scope: Scope,
  accountIds: readonly string[],
): Promise<WorkloadTrustRow[]> {
  return conn
    .select()
    .from(workloadTrust)
    .where(
      and(
        inArray(workloadTrust.trustDomainId, [...scope]),
        ofAccounts(workloadTrust, accountIds),
        isNull(workloadTrust.removedAt),
      ),
    )
    .orderBy(asc(workloadTrust.createdAt), asc(workloadTrust.id));
}

export async function workloadTrustInsert(tx: Tx, row: typeof workloadTrust.$inferInsert): Promise<void> {
  await tx.insert(workloadTrust).values(row);
}

/** @returns what was removed; `undefined` when there was no such one that counts */
export async function workloadTrustRemove(
  tx: Tx,
  { trustDomainId, serviceAccountId }: AccountKey,
  id: string,
  at: Date,
): Promise<WorkloadTrustRow | undefined> {
  const [row] = await tx
    .update(workloadTrust)
    .set({ removedAt: at })
    .where(
      and(
        eq(workloadTrust.trustDomainId, trustDomainId),
        eq(workloadTrust.serviceAccountId, serviceAccountId),
        eq(workloadTrust.id, id),
        isNull(workloadTrust.removedAt),
      ),
    )
    .returning();
  return row;
}

/**
 * The account that a token is meant for and what it trusts of the token's issuer. Global on purpose: the token says
 * which account, and only that says which domain.
 */
export async function workloadTrustsOf(
  conn: Conn,
  serviceAccountId: string,
  issuer: string,
): Promise<{ trust: WorkloadTrustRow; account: ServiceAccountRow }[]> {
  return conn
    .select({ trust: workloadTrust, account: serviceAccount })
    .from(workloadTrust)
    .innerJoin(
      serviceAccount,
      and(
        eq(serviceAccount.trustDomainId, workloadTrust.trustDomainId),
        eq(serviceAccount.id, workloadTrust.serviceAccountId),
      ),
    )
    .where(
      and(
        eq(workloadTrust.serviceAccountId, serviceAccountId),
        eq(workloadTrust.issuer, issuer),
        isNull(workloadTrust.removedAt),
      ),
    )
    .orderBy(asc(workloadTrust.id));
}

/** Note that a trust was used; the caller sees to it that this is rare. */
export async function workloadTrustTouch(
  conn: Conn,
  { trustDomainId, id }: { trustDomainId: string; id: string },
  at: Date,
): Promise<void> {
  await conn
    .update(workloadTrust)
    .set({ lastUsedAt: at })
    .where(and(eq(workloadTrust.trustDomainId, trustDomainId), eq(workloadTrust.id, id)));
}

/** How many keys of an account count at an instant. */
export async function serviceKeysLive(
  tx: Tx,
  { trustDomainId, serviceAccountId }: AccountKey,
  now: Date,
): Promise<number> {
  return tx.$count(
    apiKey,
    and(
      eq(apiKey.trustDomainId, trustDomainId),
      eq(apiKey.serviceAccountId, serviceAccountId),
      isNull(apiKey.revokedAt),
      gt(apiKey.expiresAt, now),
    ),
  );
}
