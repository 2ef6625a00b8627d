/** Proving once more who is there, before something dangerous. */
import { hasSecondFactor, sessionAuthenticated } from "#db/queries/access";
import { userClearGuesses, userCountGuess, userLock } from "#db/queries/user";
import type { Sealer } from "#db/sealing";
import { StepUpBody } from "#lib/contracts/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { verifyPassword } from "#lib/services/user/password";
import { takeCode } from "#lib/services/user/second-factor";
import { GUESSES_MAX, LOCK_MS } from "#lib/services/user/sign-in";

/**
 * Make the session fresh by the password and, where there is one, the second factor. Wrong ones count like failed
 * sign-ins: a stolen session is no way to guess.
 *
 * @throws {ProblemError} `user/wrong-password`, `auth/code-required`, `auth/locked`; `auth/forbidden` for people of
 *   an identity provider, who prove it there
 */
export async function stepUp(ctx: ServiceContext, body: StepUpBody, sealer: Sealer): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "user") throw new ProblemError("auth/forbidden", "Only people can prove who they are.");
  // Before the transaction: a refusal rolls it back, and the guess must stay counted.
  const open = await userCountGuess(ctx.db, actor.id, {
    now: ctx.now(),
    limit: GUESSES_MAX,
    lockMs: LOCK_MS,
  });
  const prove = command({
    name: "session.step_up",
    permission: "account:own",
    input: StepUpBody,
    target: () => actor.id,
    async run(tx, { now }, { password, code }) {
      if (!open) throw new ProblemError("auth/locked", "Too many wrong passwords. Try again in 15 minutes.");
      const user = await userLock(tx, actor.id);
      if (user && user.passwordHash === null)
        throw new ProblemError("auth/forbidden", "Sign in at your identity provider again.");
      if (!user?.passwordHash || !(await verifyPassword(password, user.passwordHash)))
        throw new ProblemError("user/wrong-password", "The password is not right.");
      if (await hasSecondFactor(tx, user.id)) {
        const right =
          code !== undefined && (await takeCode(tx, sealer, { userId: user.id, code, now: now() }));
        if (!right)
          throw new ProblemError("auth/code-required", "The code of the second factor is missing or wrong.");
      }
      await userClearGuesses(tx, user.id);
      await sessionAuthenticated(tx, Buffer.from(actor.sessionId, "hex"), now());
      return {
        result: undefined,
        audit: {
          trustDomainId: domainFor(actor),
          entity: "user",
          entityId: user.id,
          before: null,
          after: { authenticatedAt: now().toISOString() },
        },
      };
    },
  });
  await prove(ctx, body);
}
