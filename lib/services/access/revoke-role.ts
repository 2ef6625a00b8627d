/** Taking a role away. */
import { othersWithRole, roleGrantDelete, roleGrantLock, sessionRevokeAll } from "#db/queries/access";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { PersonParams, RevokeRoleBody } from "#lib/contracts/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";

/**
 * Take a role away and end the person's sessions.
 *
 * @throws {ProblemError} `user/grant-not-found`, `user/grant-follows-groups`; `user/last-admin` when nobody else
 *   administers the root without an end
 */
export const revokeRole = command({
  name: "role.revoke",
  permission: "user:manage",
  input: RevokeRoleBody.extend(PersonParams.shape),
  target: ({ userId }) => userId,
  async run(tx, { actor, now }, { userId, trustDomainId, role }) {
    const key = { userId, trustDomainId, role };
    const before = actor.trustDomainIds.includes(trustDomainId) ? await roleGrantLock(tx, key) : undefined;
    if (!before) throw new ProblemError("user/grant-not-found", "The person does not hold this role there.");
    if (before.origin === "oidc")
      throw new ProblemError(
        "user/grant-follows-groups",
        "A group of the identity provider gives this role.",
      );
    const root = await trustDomainRoot(tx);
    if (role === "admin" && trustDomainId === root?.id && (await othersWithRole(tx, key)) === 0)
      throw new ProblemError("user/last-admin", "Nobody else administers the topmost trust domain.");
    const at = now();
    await roleGrantDelete(tx, key, at);
    const sessionsEnded = await sessionRevokeAll(tx, userId, at);
    return {
      result: undefined,
      audit: {
        trustDomainId,
        entity: "user",
        entityId: userId,
        before: { role, expiresAt: before.expiresAt },
        after: { sessionsEnded },
      },
    };
  },
});
