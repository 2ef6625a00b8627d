/** The guard of what can do great harm. */
import "server-only";
import { type Actor, isFresh } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";

/**
 * @throws {ProblemError} `auth/step-up-required` unless the person proved who they are within five minutes;
 *   `auth/forbidden` for keys and programs, which cannot
 */
export function requireFresh(actor: Actor, now: Date): void {
  if (isFresh(actor, now.getTime())) return;
  if (actor.kind !== "user")
    throw new ProblemError("auth/forbidden", "Only people do this: it wants fresh proof.");
  throw new ProblemError("auth/step-up-required", "Prove once more who you are; it counts for five minutes.");
}
