/** Letting a person in. */
import { storedReview } from "#db/queries/review";
import { roleGrantInsert, userInsert } from "#db/queries/user";
import { type CreatedUser, CreateUserBody } from "#lib/contracts/user";
import { ProblemError } from "#lib/domain/problems";
import { grantEnd } from "#lib/services/access/grant-end";
import { reviewAsked, reviewView } from "#lib/services/access/review";
import { isSamePerson } from "#lib/services/access/same-person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { hashPassword, oneTimePassword } from "./password.ts";

/**
 * Create a user with a role in one of the caller's trust domains.
 *
 * @throws {ProblemError} `user/email-taken`, `domain/not-found`, `request/invalid`
 */
export async function createUser(ctx: ServiceContext, body: CreateUserBody): Promise<CreatedUser> {
  const made = body.password === undefined ? oneTimePassword() : null;
  const create = command({
    name: "user.create",
    permission: "user:manage",
    input: CreateUserBody,
    target: ({ email }) => email,
    async run(tx, { actor, now }, { email, role, password, expiresInDays, review: asked, ...wanted }) {
      const trustDomainId = wanted.trustDomainId ?? domainFor(actor);
      if (!actor.trustDomainIds.includes(trustDomainId))
        throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
      const createdAt = now();
      const expiresAt = grantEnd(role, expiresInDays, createdAt);
      const review = reviewAsked(role, asked);
      const id = uuidv7(createdAt);
      const inserted = await userInsert(tx, {
        id,
        email,
        passwordHash: await hashPassword(made ?? password ?? ""),
        mustChangePassword: true,
        failedSignIns: 0,
        createdAt,
      });
      if (!inserted) throw new ProblemError("user/email-taken", `There is a user ${email} already.`);
      const grant = {
        userId: id,
        trustDomainId,
        role,
        createdAt,
        ownGift: isSamePerson(actor, email),
        expiresAt,
      };
      await roleGrantInsert(tx, { ...grant, ...storedReview(review) });
      const user = { id, email, role, createdAt: createdAt.toISOString() };
      const result: CreatedUser = { user, oneTimePassword: made };
      const after = { ...user, expiresAt, review: reviewView(review) };
      return { result, audit: { trustDomainId, entity: "user", entityId: id, before: null, after } };
    },
  });
  return create(ctx, body);
}
