/** Sessions: looked up on every request, so that a change counts at once. */
import { and, eq, gt, isNull, lt, ne } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { appUser, session } from "#db/schema/people";

export type LiveSession = {
  userId: string;
  email: string;
  mustChangePassword: boolean;
  authenticatedAt: Date;
  lastSeenAt: Date;
};

/**
 * The session with this digest if it still counts: not revoked, not too old, not idle for too long,
 * and its user not disabled.
 *
 * @param idleSince sessions last seen before it are over
 */
export async function sessionLive(
  conn: Conn,
  idSha256: Buffer,
  { now, idleSince }: { now: Date; idleSince: Date },
): Promise<LiveSession | undefined> {
  const [row] = await conn
    .select({
      userId: session.userId,
      email: appUser.email,
      mustChangePassword: appUser.mustChangePassword,
      authenticatedAt: session.authenticatedAt,
      lastSeenAt: session.lastSeenAt,
    })
    .from(session)
    .innerJoin(appUser, eq(appUser.id, session.userId))
    .where(
      and(
        eq(session.idSha256, idSha256),
        isNull(session.revokedAt),
        gt(session.expiresAt, now),
        gt(session.lastSeenAt, idleSince),
        isNull(appUser.disabledAt),
      ),
    );
  return row;
}

export async function sessionInsert(tx: Tx, row: typeof session.$inferInsert): Promise<void> {
  await tx.insert(session).values(row);
}

/** Push the idle limit on, unless that was done after `before`: once a minute is enough. */
export async function sessionTouch(conn: Conn, idSha256: Buffer, now: Date, before: Date): Promise<void> {
  await conn
    .update(session)
    .set({ lastSeenAt: now })
    .where(and(eq(session.idSha256, idSha256), lt(session.lastSeenAt, before)));
}

/** @returns the user it belonged to; `null` when there was no such open session */
export async function sessionRevoke(conn: Conn, idSha256: Buffer, at: Date): Promise<string | null> {
  const [row] = await conn
    .update(session)
    .set({ revokedAt: at })
    .where(and(eq(session.idSha256, idSha256), isNull(session.revokedAt)))
    .returning({ userId: session.userId });
  return row?.userId ?? null;
}

/** End every session of a user but one. */
export async function sessionRevokeOthers(
  tx: Tx,
  userId: string,
  keepSha256: Buffer,
  at: Date,
): Promise<number> {
  const rows = await tx
    .update(session)
    .set({ revokedAt: at })
    .where(and(eq(session.userId, userId), ne(session.idSha256, keepSha256), isNull(session.revokedAt)))
    .returning({ userId: session.userId });
  return rows.length;
}
