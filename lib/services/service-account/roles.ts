/** What a service account may do, and where. */
import { serviceGrantDelete, serviceGrantPut } from "#db/queries/service-account";
import { trustDomainSubtree } from "#db/queries/trust-domain";
import { RevokeServiceRoleBody, ServiceAccountParams, ServiceRoleBody } from "#lib/contracts/service-account";
import { ProblemError } from "#lib/domain/problems";
import { grantEnd } from "#lib/services/access/grant-end";
import { command } from "#lib/services/command";
import { aboutAccount, keyOf, lockAccount } from "./find.ts";
import { requireMayGrant } from "./may-give.ts";

/**
 * Give the role, or give it a new end. It counts from the account's next request on.
 *
 * @throws {ProblemError} `service-account/not-found`, `service-account/beyond-maker`; `domain/not-found` for a domain
 *   that is not the account's own and does not lie below it
 */
export const grantServiceRole = command({
  name: "service_account.grant",
  permission: "user:manage",
  input: ServiceRoleBody.extend(ServiceAccountParams.shape),
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor, now }, { serviceAccountId, trustDomainId, role, expiresInDays }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    const reach = await trustDomainSubtree(tx, [account.trustDomainId]);
    if (!actor.trustDomainIds.includes(trustDomainId) || !reach.includes(trustDomainId))
      throw new ProblemError(
        "domain/not-found",
        "The account's own domain and those below it can be chosen.",
      );
    requireMayGrant(actor, role, trustDomainId);
    const createdAt = now();
    const expiresAt = grantEnd(role, expiresInDays, createdAt);
    await serviceGrantPut(tx, { ...keyOf(account), grantedIn: trustDomainId, role, createdAt, expiresAt });
    const after = { role, grantedIn: trustDomainId, expiresAt };
    return { result: undefined, audit: { ...aboutAccount(account), before: null, after } };
  },
});

/**
 * Take a role away; counts from the account's next request on.
 *
 * @throws {ProblemError} `service-account/not-found`, `user/grant-not-found`
 */
export const revokeServiceRole = command({
  name: "service_account.revoke_role",
  permission: "user:manage",
  input: RevokeServiceRoleBody.extend(ServiceAccountParams.shape),
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor }, { serviceAccountId, trustDomainId, role }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    const gone = await serviceGrantDelete(tx, { ...keyOf(account), grantedIn: trustDomainId, role });
    if (!gone) throw new ProblemError("user/grant-not-found", "The account does not hold this role there.");
    const before = { role, grantedIn: trustDomainId, expiresAt: gone.expiresAt };
    return { result: undefined, audit: { ...aboutAccount(account), before, after: null } };
  },
});
