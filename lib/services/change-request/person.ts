/** Only people agree on changes, and only with the rights that they have at that moment. */
import type { Tx } from "#db/client";
import { voterLock } from "#db/queries/change-request";
import { trustDomainSubtree } from "#db/queries/trust-domain";
import { type Actor, PERMISSIONS, type Permission } from "#lib/domain/access";
import { personOf, type Voter } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";

export type PersonActor = Extract<Actor, { kind: "user" }>;

/** @throws {ProblemError} `auth/forbidden` for keys and for our own processes */
export function personActor(actor: Actor): PersonActor {
  if (actor.kind === "user") return actor;
  throw new ProblemError("auth/forbidden", "Only people propose, decide and cancel changes.");
}

/**
 * Whether an account holds a permission in a trust domain now. The account and its grants stay as they
 * are until the transaction ends.
 *
 * @returns `null` when the account is unknown or disabled
 */
export async function holderNow(
  tx: Tx,
  userId: string,
  trustDomainId: string,
  permission: Permission,
  now: Date,
): Promise<{ email: string; holds: boolean } | null> {
  const account = await voterLock(tx, userId, now);
  if (!account) return null;
  const roles: readonly string[] = PERMISSIONS[permission];
  const granted = account.grants.filter(({ role }) => roles.includes(role));
  const domains = await trustDomainSubtree(
    tx,
    granted.map((grant) => grant.trustDomainId),
  );
  return { email: account.email, holds: domains.includes(trustDomainId) };
}

/** The voter as the database has it now, whatever the session said when the request came in. */
export async function voterNow(
  tx: Tx,
  actor: PersonActor,
  trustDomainId: string,
  permission: Permission,
  now: Date,
): Promise<Voter> {
  const holder = await holderNow(tx, actor.id, trustDomainId, permission, now);
  return { person: personOf(holder?.email ?? actor.email), mayDecide: holder?.holds ?? false };
}
