/** Where new things go. */
import type { Actor } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";

/**
 * Trust domain that the caller's new sources and people belong to: the one that was granted to it.
 *
 * @throws {ProblemError} `auth/forbidden` when the caller has no domain at all
 */
export function domainFor(actor: Actor): string {
  const [id] = actor.trustDomainIds;
  if (!id) throw new ProblemError("auth/forbidden", "You have no trust domain.");
  return id;
}
