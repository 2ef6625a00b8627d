/** Changing one's own password. */
import { sessionRevokeOthers } from "#db/queries/session";
import { userCountGuess, userLock, userSetPassword } from "#db/queries/user";
import { ChangePasswordBody } from "#lib/contracts/account";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { hashPassword, verifyPassword } from "#lib/services/user/password";
import { GUESSES_MAX, LOCK_MS } from "#lib/services/user/sign-in";

/**
 * Set a new password and end all other sessions of the person.
 *
 * Wrong current passwords count like failed sign-ins: a stolen session is no way to guess.
 *
 * @throws {ProblemError} `user/wrong-password`, `auth/locked`; `request/invalid` for the same one again
 */
export async function changePassword(ctx: ServiceContext, body: ChangePasswordBody): Promise<void> {
  const { actor } = ctx;
  // Before the transaction: a refusal rolls it back, and the guess must stay counted.
  const open =
    actor.kind !== "user" ||
    (await userCountGuess(ctx.db, actor.id, { now: ctx.now(), limit: GUESSES_MAX, lockMs: LOCK_MS }));
  const change = command({
    name: "account.change_password",
    permission: "account:own",
    input: ChangePasswordBody,
    target: () => actor.id,
    async run(tx, { now }, { currentPassword, newPassword }) {
      if (actor.kind !== "user") throw new ProblemError("auth/forbidden", "Only people have a password.");
      if (!open) throw new ProblemError("auth/locked", "Too many wrong passwords. Try again in 15 minutes.");
      const user = await userLock(tx, actor.id);
      if (!user?.passwordHash || !(await verifyPassword(currentPassword, user.passwordHash))) {
        throw new ProblemError("user/wrong-password", "The current password is not right.");
      }
      if (newPassword === currentPassword) {
        const detail = "Choose a password that you have not been using.";
        throw new ProblemError("request/invalid", detail, {
          pointers: [{ pointer: "#/newPassword", detail }],
        });
      }
      await userSetPassword(tx, user.id, await hashPassword(newPassword));
      const ended = await sessionRevokeOthers(tx, user.id, Buffer.from(actor.sessionId, "hex"), now());
      return {
        result: undefined,
        audit: {
          trustDomainId: domainFor(actor),
          entity: "user",
          entityId: user.id,
          before: { mustChangePassword: user.mustChangePassword },
          after: { mustChangePassword: false, sessionsEnded: ended },
        },
      };
    },
  });
  await change(ctx, body);
}
