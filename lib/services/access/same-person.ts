/** Who is not somebody else. */
import type { Actor } from "#lib/domain/access";
import { personOf } from "#lib/domain/change-request";

/** Whether an e-mail address belongs to whoever asks; two accounts do not make two people. */
export function isSamePerson(actor: Actor, email: string): boolean {
  return actor.kind === "user" && personOf(actor.email) === personOf(email);
}
