/** Signing in with a local account. */
import { createHash, randomBytes } from "node:crypto";
import type { Conn, Db } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { sessionInsert } from "#db/queries/session";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { roleGrantList, userByEmail, userClearGuesses, userCountGuess } from "#db/queries/user";
import type { ProblemCode } from "#lib/domain/problems";
import { uuidv7 } from "#lib/services/uuidv7";
import { verifyPassword } from "./password.ts";

/** A session ends this long after the sign-in, whatever happens. Milliseconds. */
export const SESSION_MAX_MS = 12 * 3_600_000;
/** … and this long after the last request. Milliseconds. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** Failed guesses in a row after which an account is locked, and for how long. */
export const GUESSES_MAX = 10;
export const LOCK_MS = 15 * 60_000;

export type SignInRequest = {
  email: string;
  password: string;
  address: string | null;
  userAgent: string | null;
  requestId: string;
  now: Date;
};

/** `sid` goes into the cookie; only its digest is stored. */
export type SignInResult =
  | { ok: true; userId: string; sid: string }
  | { ok: false; code: Extract<ProblemCode, "user/wrong-password" | "auth/locked"> };

/**
 * Check a password and open a session.
 *
 * Unknown e-mails cost the same work as wrong passwords. The caller must answer both refusals alike:
 * the difference, which the audit entry keeps, would tell who has an account.
 */
export async function signIn(db: Db, request: SignInRequest): Promise<SignInResult> {
  const { now } = request;
  const user = await userByEmail(db, request.email.trim().toLowerCase());
  const open =
    user !== undefined &&
    user.disabledAt === null &&
    (await userCountGuess(db, user.id, { now, limit: GUESSES_MAX, lockMs: LOCK_MS }));
  const right = await verifyPassword(request.password, open ? user.passwordHash : null);
  if (!user || !open || !right) {
    const locked = user !== undefined && user.disabledAt === null && !open;
    const code = locked ? "auth/locked" : "user/wrong-password";
    await record(db, request, user?.id ?? null, code);
    return { ok: false, code };
  }
  const sid = randomBytes(32).toString("base64url");
  await db.transaction(async (tx) => {
    await userClearGuesses(tx, user.id);
    await sessionInsert(tx, {
      idSha256: sessionDigest(sid),
      userId: user.id,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + SESSION_MAX_MS),
      revokedAt: null,
      address: request.address,
      userAgent: request.userAgent?.slice(0, 300) ?? null,
    });
    await record(tx, request, user.id, null);
  });
  return { ok: true, userId: user.id, sid };
}

/** Digest under which a session is stored. */
export function sessionDigest(sid: string): Buffer {
  return createHash("sha256").update(sid, "utf8").digest();
}

/**
 * Audit entry of an attempt. What was typed as an unknown e-mail is not kept: people type passwords
 * there.
 */
async function record(
  conn: Conn,
  { now, requestId, address }: SignInRequest,
  userId: string | null,
  problemCode: ProblemCode | null,
): Promise<void> {
  const grants = userId ? await roleGrantList(conn, userId, now) : [];
  const trustDomainId = grants[0]?.trustDomainId ?? (await trustDomainRoot(conn))?.id;
  if (!trustDomainId) return;
  await auditInsert(conn, {
    trustDomainId,
    id: uuidv7(now),
    at: now,
    actorKind: "user",
    actorId: userId ?? "unknown",
    action: "session.create",
    entity: "user",
    entityId: userId ?? "unknown",
    outcome: problemCode === null ? "done" : "refused",
    problemCode,
    before: null,
    after: null,
    requestId,
    address,
  });
}
