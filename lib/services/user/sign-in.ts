/** Signing in with a local account. */
import { createHash, randomBytes } from "node:crypto";
import type { Conn, Db, Tx } from "#db/client";
import { hasSecondFactor } from "#db/queries/access";
import { auditInsert } from "#db/queries/audit";
import { sessionInsert } from "#db/queries/session";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { roleGrantList, userByEmail, userClearGuesses, userCountGuess } from "#db/queries/user";
import type { Sealer } from "#db/sealing";
import type { ProblemCode } from "#lib/domain/problems";
import { uuidv7 } from "#lib/services/uuidv7";
import { verifyPassword } from "./password.ts";
import { takeCode } from "./second-factor.ts";

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
  /** Six digits or a recovery code; `undefined` = none was typed. */
  code?: string | undefined;
  address: string | null;
  userAgent: string | null;
  requestId: string;
  now: Date;
};

/** `sid` goes into the cookie; only its digest is stored. */
export type SignInResult =
  | { ok: true; userId: string; sid: string }
  | { ok: false; code: Extract<ProblemCode, "user/wrong-password" | "auth/locked" | "auth/code-required"> };

/**
 * Check a password and open a session.
 *
 * Unknown e-mails cost the same work as wrong passwords. The caller must answer both refusals alike:
 * the difference, which the audit entry keeps, would tell who has an account. Only who knows the password is
 * told that a code is wanted; a wrong code counts as a wrong guess.
 *
 * @param sealer opens the secrets of second factors
 */
export async function signIn(db: Db, sealer: Sealer, request: SignInRequest): Promise<SignInResult> {
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
  const { code } = request;
  const sid = await db.transaction(async (tx) => {
    if (await hasSecondFactor(tx, user.id)) {
      const right = code !== undefined && (await takeCode(tx, sealer, { userId: user.id, code, now }));
      if (!right) return null;
    }
    await userClearGuesses(tx, user.id);
    const opened = await openSession(tx, user.id, request, now);
    await record(tx, request, user.id, null);
    return opened;
  });
  if (sid !== null) return { ok: true, userId: user.id, sid };
  await record(db, request, user.id, "auth/code-required");
  return { ok: false, code: "auth/code-required" };
}

/**
 * Open a session, under an id that was never used before.
 *
 * @param authenticatedAt when the person proved who they are
 * @returns what goes into the cookie
 */
export async function openSession(
  tx: Tx,
  userId: string,
  { now, address, userAgent }: Pick<SignInRequest, "now" | "address" | "userAgent">,
  authenticatedAt: Date,
): Promise<string> {
  const sid = randomBytes(32).toString("base64url");
  await sessionInsert(tx, {
    idSha256: sessionDigest(sid),
    userId,
    createdAt: now,
    authenticatedAt,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + SESSION_MAX_MS),
    revokedAt: null,
    address,
    userAgent: userAgent?.slice(0, 300) ?? null,
  });
  return sid;
}

/** Digest under which a session is stored. */
export function sessionDigest(sid: string): Buffer {
  return createHash("sha256").update(sid, "utf8").digest();
}

/**
 * Audit entry of an attempt. What was typed as an unknown e-mail is not kept: people type passwords
 * there.
 */
export async function record(
  conn: Conn,
  { now, requestId, address }: Pick<SignInRequest, "now" | "requestId" | "address">,
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
