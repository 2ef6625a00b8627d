/** Signing in with an identity provider. */

import type { Db } from "#db/client";
import { groupRolesOf, sessionRevokeAll } from "#db/queries/access";
import {
  federatedUserPut,
  roleGrantEndFollowing,
  roleGrantFollow,
  roleGrantsFollowing,
} from "#db/queries/federated-user";
import type { ProblemCode } from "#lib/domain/problems";
import { uuidv7 } from "#lib/services/uuidv7";
import { openSession, record } from "./sign-in.ts";

export type FederatedSignIn = {
  /** Together they are the person; the e-mail is only what is shown. */
  issuer: string;
  subject: string;
  email: string | null;
  groups: readonly string[];
  /** `auth_time` of the provider; `null` = it did not say, which is never fresh. */
  authenticatedAt: Date | null;
  address: string | null;
  userAgent: string | null;
  requestId: string;
  now: Date;
};

export type FederatedResult =
  | { ok: true; userId: string; sid: string }
  | { ok: false; code: Extract<ProblemCode, "user/no-role" | "auth/locked"> };

/**
 * Open a session for someone whom the provider vouches for, with the roles that their groups give now.
 *
 * A local account with the same e-mail is another person and stays untouched. When the groups give other roles than
 * at the last sign-in, the sessions with the old ones end.
 */
export async function signInFederated(db: Db, request: FederatedSignIn): Promise<FederatedResult> {
  const { issuer, subject, groups, now } = request;
  const result = await db.transaction(async (tx): Promise<FederatedResult & { userId: string }> => {
    const user = await federatedUserPut(tx, {
      id: uuidv7(now),
      issuer,
      subject,
      email: (request.email ?? subject).slice(0, 254),
      now,
    });
    const wanted = await groupRolesOf(tx, groups);
    const held = await roleGrantsFollowing(tx, user.id);
    const nameOf = (grant: { trustDomainId: string; role: string }) => `${grant.trustDomainId} ${grant.role}`;
    const [wantedNames, heldNames] = [new Set(wanted.map(nameOf)), new Set(held.map(nameOf))];
    const gone = held.filter((grant) => !wantedNames.has(nameOf(grant)));
    const fresh = wanted.filter((grant) => !heldNames.has(nameOf(grant)));
    for (const grant of gone) await roleGrantEndFollowing(tx, { userId: user.id, ...grant }, now);
    for (const grant of fresh) await roleGrantFollow(tx, { userId: user.id, ...grant, createdAt: now });
    if (gone.length + fresh.length > 0) await sessionRevokeAll(tx, user.id, now);
    if (user.disabledAt !== null) return { ok: false, code: "auth/locked", userId: user.id };
    if (wantedNames.size === 0 && !user.hasLocalGrant)
      return { ok: false, code: "user/no-role", userId: user.id };
    // A time of the future is no proof, and an unknown one is as old as can be.
    const said = request.authenticatedAt;
    const authenticatedAt = said !== null && said <= now ? said : new Date(0);
    const sid = await openSession(tx, user.id, request, authenticatedAt);
    await record(tx, request, user.id, null);
    return { ok: true, userId: user.id, sid };
  });
  if (!result.ok) await record(db, request, result.userId, result.code);
  return result;
}
