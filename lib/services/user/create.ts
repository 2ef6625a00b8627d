/** Letting a person in. */
import { roleGrantInsert, userInsert } from "#db/queries/user";
import { type CreatedUser, CreateUserBody } from "#lib/contracts/user";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { hashPassword, oneTimePassword } from "./password.ts";

/**
 * Create a user with a role in the caller's trust domain.
 *
 * @throws {ProblemError} `user/email-taken`
 */
export async function createUser(ctx: ServiceContext, body: CreateUserBody): Promise<CreatedUser> {
  const made = body.password === undefined ? oneTimePassword() : null;
  const create = command({
    name: "user.create",
    permission: "user:manage",
    input: CreateUserBody,
    target: ({ email }) => email,
    async run(tx, { actor, now }, { email, role, password }) {
      const trustDomainId = domainFor(actor);
      const createdAt = now();
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
      await roleGrantInsert(tx, { userId: id, trustDomainId, role, createdAt });
      const user = { id, email, role, createdAt: createdAt.toISOString() };
      const result: CreatedUser = { user, oneTimePassword: made };
      return { result, audit: { trustDomainId, entity: "user", entityId: id, before: null, after: user } };
    },
  });
  return create(ctx, body);
}
