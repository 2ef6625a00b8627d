/** Sessions of signed-in people. */
import type { Db } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { sessionLive, sessionRevoke, sessionTouch } from "#db/queries/session";
import { roleGrantList } from "#db/queries/user";
import type { Actor } from "#lib/domain/access";
import { heldThatCount } from "#lib/domain/review";
import { grantsWithSubtrees } from "#lib/services/access/grants-now";
import { uuidv7 } from "#lib/services/uuidv7";
import { SESSION_IDLE_MS, sessionDigest } from "./sign-in.ts";

/** How exact `last_seen_at` is: a write per request would cost more than the request. Milliseconds. */
const TOUCH_MS = 60_000;

type UserActor = Extract<Actor, { kind: "user" }>;

/**
 * Who a session id belongs to, read afresh: revocation, time limits, changed and ended grants and disabled
 * users count from the next request on.
 *
 * @returns `null` when the session is over or its user has no grant
 */
export async function sessionActor(db: Db, sid: string, now: Date): Promise<UserActor | null> {
  const digest = sessionDigest(sid);
  const live = await sessionLive(db, digest, { now, idleSince: new Date(now.getTime() - SESSION_IDLE_MS) });
  if (!live) return null;
  const { held, review } = heldThatCount(await roleGrantList(db, live.userId, now));
  const grants = await grantsWithSubtrees(db, held);
  const [strongest] = grants;
  if (!strongest) return null;
  const touchBefore = new Date(now.getTime() - TOUCH_MS);
  if (live.lastSeenAt < touchBefore) await sessionTouch(db, digest, now, touchBefore);
  return {
    kind: "user",
    id: live.userId,
    sessionId: digest.toString("hex"),
    email: live.email,
    role: strongest.role,
    trustDomainIds: [...new Set(grants.flatMap(({ trustDomainIds }) => trustDomainIds))],
    grants,
    mustChangePassword: live.mustChangePassword,
    ...(review && { review }),
    authenticatedAtMs: live.authenticatedAt.getTime(),
  };
}

/** Whether a session still counts; for connections that outlive one request. */
export async function sessionCounts(db: Db, sessionId: string, now: Date): Promise<boolean> {
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MS);
  return (await sessionLive(db, Buffer.from(sessionId, "hex"), { now, idleSince })) !== undefined;
}

/** End a session. Idempotent; only the first time is recorded. */
export async function signOut(
  db: Db,
  sid: string,
  { now, requestId, address }: { now: Date; requestId: string; address: string | null },
): Promise<void> {
  await db.transaction(async (tx) => {
    const userId = await sessionRevoke(tx, sessionDigest(sid), now);
    if (!userId) return;
    const [grant] = await roleGrantList(tx, userId, now);
    if (!grant) return;
    await auditInsert(tx, {
      trustDomainId: grant.trustDomainId,
      id: uuidv7(now),
      at: now,
      actorKind: "user",
      actorId: userId,
      action: "session.revoke",
      entity: "user",
      entityId: userId,
      outcome: "done",
      problemCode: null,
      before: null,
      after: null,
      requestId,
      address,
    });
  });
}
