/** Saying that a strong role of somebody else is still needed. */
import { roleGrantLock } from "#db/queries/access";
import { confirmationInsert } from "#db/queries/access-confirmation";
import { emailsOf } from "#db/queries/user";
import { PersonParams } from "#lib/contracts/access";
import { ConfirmRoleBody } from "#lib/contracts/strong-role";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";
import { isSamePerson } from "./same-person.ts";

/**
 * Confirm a grant as it is held now. Nothing but the record changes; what is not needed any more is taken away with
 * {@link revokeRole}.
 *
 * @throws {ProblemError} `user/grant-not-found`, also for one that has run out; `user/confirm-own`
 */
export const confirmRole = command({
  name: "role.confirm",
  permission: "user:manage",
  input: ConfirmRoleBody.extend(PersonParams.shape),
  target: ({ userId }) => userId,
  async run(tx, { actor, now }, { userId, trustDomainId, role, note }) {
    const key = { userId, trustDomainId, role };
    // Locked, so that nobody confirms what is being taken away.
    const grant = actor.trustDomainIds.includes(trustDomainId) ? await roleGrantLock(tx, key) : undefined;
    const at = now();
    if (!grant || (grant.expiresAt !== null && grant.expiresAt <= at))
      throw new ProblemError("user/grant-not-found", "The person does not hold this role there.");
    const email = (await emailsOf(tx, [userId])).get(userId) ?? "";
    if (isSamePerson(actor, email))
      throw new ProblemError("user/confirm-own", "Somebody else has to confirm a role of yours.");
    const givenAt = grant.createdAt;
    await confirmationInsert(tx, { ...key, id: uuidv7(at), givenAt, confirmedBy: actor.id, at, note });
    const after = { role, givenAt, note };
    return {
      result: undefined,
      audit: { trustDomainId, entity: "user", entityId: userId, before: null, after },
    };
  },
});
