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
 * The voter as the database has it now, whatever the session said when the request came in. The account
 * and its grants stay as they are until the transaction ends.
 */
export async function voterNow(
  tx: Tx,
  actor: PersonActor,
  trustDomainId: string,
  permission: Permission,
  now: Date,
): Promise<Voter> {
  const account = await voterLock(tx, actor.id, now);
  if (!account) return { person: personOf(actor.email), mayDecide: false };
  const roles: readonly string[] = PERMISSIONS[permission];
  const granted = account.grants.filter(({ role }) => roles.includes(role));
  const domains = await trustDomainSubtree(
    tx,
    granted.map((grant) => grant.trustDomainId),
  );
  return { person: personOf(account.email), mayDecide: domains.includes(trustDomainId) };
}
