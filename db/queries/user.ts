/** People and their grants. */
import { and, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { appUser, roleGrant } from "#db/schema/people";
import type { ReviewPeriod } from "#lib/domain/review";
import { reviewPeriodOf } from "./review.ts";
import { instant, rowsOf } from "./sql.ts";

export type UserRow = typeof appUser.$inferSelect;

/** The local account with this address; people of an identity provider are never found by e-mail. */
export async function userByEmail(conn: Conn, email: string): Promise<UserRow | undefined> {
  const [row] = await conn
    .select()
    .from(appUser)
    .where(and(eq(appUser.email, email), isNull(appUser.issuer)));
  return row;
}

export async function userLock(tx: Tx, id: string): Promise<UserRow | undefined> {
  const [row] = await tx.select().from(appUser).where(eq(appUser.id, id)).for("update");
  return row;
}

export async function userCount(conn: Conn): Promise<number> {
  return conn.$count(appUser);
}

/** @returns false when the e-mail is taken */
export async function userInsert(tx: Tx, row: typeof appUser.$inferInsert): Promise<boolean> {
  const inserted = await tx
    .insert(appUser)
    .values(row)
    .onConflictDoNothing({ target: appUser.email, where: isNull(appUser.issuer) })
    .returning({ id: appUser.id });
  return inserted.length === 1;
}

export async function roleGrantInsert(tx: Tx, row: typeof roleGrant.$inferInsert): Promise<void> {
  await tx.insert(roleGrant).values(row);
}

/** What a person holds at an instant, in the order in which it was given; grants that have ended are left out. */
export async function roleGrantList(
  conn: Conn,
  userId: string,
  now: Date,
): Promise<{ trustDomainId: string; role: string; review: ReviewPeriod | null }[]> {
  const { trustDomainId, role, reviewFrom, reviewTo } = roleGrant;
  const rows = await conn
    .select({ trustDomainId, role, reviewFrom, reviewTo })
    .from(roleGrant)
    .where(and(eq(roleGrant.userId, userId), or(isNull(roleGrant.expiresAt), gt(roleGrant.expiresAt, now))))
    .orderBy(roleGrant.createdAt, roleGrant.trustDomainId);
  return rows.map((row) => ({
    trustDomainId: row.trustDomainId,
    role: row.role,
    review: reviewPeriodOf(row),
  }));
}

/**
 * Count one more guess at a password, before it is checked.
 *
 * In one statement, so that guesses made side by side cannot all be checked before any of them is
 * counted. The last allowed guess locks; a success unlocks.
 *
 * @returns false when the account is locked: then this guess must not be checked
 */
export async function userCountGuess(
  conn: Conn,
  id: string,
  { now, limit, lockMs }: { now: Date; limit: number; lockMs: number },
): Promise<boolean> {
  const next = sql`CASE WHEN locked_until IS NULL THEN failed_sign_ins + 1 ELSE 1 END`;
  const rows = await rowsOf(
    conn,
    sql`UPDATE app_user SET failed_sign_ins = ${next},
        locked_until = CASE WHEN ${next} >= ${limit} THEN ${instant(new Date(now.getTime() + lockMs))} END
      WHERE id = ${id}::uuid AND (locked_until IS NULL OR locked_until <= ${instant(now)}) RETURNING id`,
  );
  return rows.length === 1;
}

export async function userClearGuesses(conn: Conn, id: string): Promise<void> {
  await conn.update(appUser).set({ failedSignIns: 0, lockedUntil: null }).where(eq(appUser.id, id));
}

export async function userSetPassword(tx: Tx, id: string, passwordHash: string): Promise<void> {
  await tx
    .update(appUser)
    .set({ passwordHash, mustChangePassword: false, failedSignIns: 0, lockedUntil: null })
    .where(and(eq(appUser.id, id)));
}

/** E-mail addresses of some accounts by id. */
export async function emailsOf(conn: Conn, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await conn
    .select({ id: appUser.id, email: appUser.email })
    .from(appUser)
    .where(inArray(appUser.id, [...ids]));
  return new Map(rows.map(({ id, email }) => [id, email]));
}
