/** Making a principal for a program. */
import { serviceAccountInsert, serviceGrantPut } from "#db/queries/service-account";
import { type CreatedServiceAccount, CreateServiceAccountBody } from "#lib/contracts/service-account";
import { ProblemError } from "#lib/domain/problems";
import { audienceOf } from "#lib/domain/workload-token";
import { grantEnd } from "#lib/services/access/grant-end";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";
import { requireMayGrant } from "./may-give.ts";

/**
 * Create a service account with its first role. Whoever makes it owns it. It cannot sign in until it has a key or
 * trusts an issuer.
 *
 * @throws {ProblemError} `domain/not-found`, `service-account/name-taken`, `service-account/beyond-maker`
 */
export const createServiceAccount = command({
  name: "service_account.create",
  permission: "user:manage",
  input: CreateServiceAccountBody,
  target: ({ name }) => name,
  async run(tx, ctx, { trustDomainId, name, role, expiresInDays }) {
    const owner = personActor(ctx.actor);
    if (!owner.trustDomainIds.includes(trustDomainId))
      throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    requireMayGrant(owner, role, trustDomainId);
    const createdAt = ctx.now();
    const id = uuidv7(createdAt);
    if (!(await serviceAccountInsert(tx, { trustDomainId, id, name, ownerId: owner.id, createdAt })))
      throw new ProblemError("service-account/name-taken", `There is a service account ${name} already.`);
    const expiresAt = grantEnd(role, expiresInDays, createdAt);
    const key = { trustDomainId, serviceAccountId: id };
    await serviceGrantPut(tx, { ...key, grantedIn: trustDomainId, role, createdAt, expiresAt });
    const result: CreatedServiceAccount = { id, audience: audienceOf(id) };
    const after = { name, ownerId: owner.id, role, expiresAt };
    const audit = { trustDomainId, entity: "service_account", entityId: id, before: null, after };
    return { result, audit };
  },
});
