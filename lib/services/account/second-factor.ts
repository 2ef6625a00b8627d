/** The signed-in person's own second factor. */
import { z } from "zod";
import { secondFactorLock } from "#db/queries/access";
import {
  recoveryCodesReplace,
  secondFactorBegin,
  secondFactorConfirm,
  secondFactorDelete,
} from "#db/queries/second-factor";
import type { Sealer } from "#db/sealing";
import { type BegunSecondFactor, ConfirmSecondFactorBody, type RecoveryCodes } from "#lib/contracts/access";
import type { Actor } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";
import { newRecoveryCodes, newSecondFactor, takeCode } from "#lib/services/user/second-factor";

const wrongState = (detail: string) => new ProblemError("second-factor/wrong-state", detail);

function personOf(actor: Actor): Extract<Actor, { kind: "user" }> {
  if (actor.kind === "user") return actor;
  throw new ProblemError("auth/forbidden", "Only people have a second factor.");
}

const auditOf = (actor: Actor, after: unknown) => ({
  trustDomainId: domainFor(actor),
  entity: "user",
  entityId: actor.id,
  before: null,
  after,
});

/**
 * Make a secret, of no effect until {@link confirmSecondFactor}.
 *
 * @throws {ProblemError} `second-factor/wrong-state` when one is in use
 */
export const beginSecondFactor = (sealer: Sealer) =>
  command({
    name: "account.second_factor_begin",
    permission: "account:own",
    input: z.strictObject({}),
    async run(tx, ctx) {
      const actor = personOf(ctx.actor);
      if ((await secondFactorLock(tx, actor.id))?.confirmedAt)
        throw wrongState("Remove the present one first.");
      const made = newSecondFactor(sealer, { userId: actor.id, email: actor.email });
      await secondFactorBegin(tx, {
        userId: actor.id,
        secretSealed: made.secretSealed,
        createdAt: ctx.now(),
      });
      const result: BegunSecondFactor = { uri: made.uri, secret: made.secret };
      return { result, audit: auditOf(actor, { secondFactor: "begun" }) };
    },
  });

/**
 * From now on every sign-in wants a code.
 *
 * @throws {ProblemError} `second-factor/wrong-state`, `auth/code-required` for a wrong code
 */
export const confirmSecondFactor = (sealer: Sealer) =>
  command({
    name: "account.second_factor_confirm",
    permission: "account:own",
    input: ConfirmSecondFactorBody,
    async run(tx, ctx, { code }) {
      const actor = personOf(ctx.actor);
      if ((await secondFactorLock(tx, actor.id))?.confirmedAt) throw wrongState("It is in use already.");
      if (!(await takeCode(tx, sealer, { userId: actor.id, code, now: ctx.now() })))
        throw new ProblemError("auth/code-required", "The code is not right.");
      await secondFactorConfirm(tx, actor.id, ctx.now());
      const { codes, digests } = newRecoveryCodes();
      await recoveryCodesReplace(tx, actor.id, digests);
      const result: RecoveryCodes = { recoveryCodes: codes };
      return { result, audit: auditOf(actor, { secondFactor: "in use" }) };
    },
  });

/** @throws {ProblemError} `second-factor/wrong-state` when there is none */
export const removeSecondFactor = command({
  name: "account.second_factor_remove",
  permission: "account:own",
  input: z.strictObject({}),
  async run(tx, ctx) {
    const actor = personOf(ctx.actor);
    if (!(await secondFactorLock(tx, actor.id))) throw wrongState("There is no second factor.");
    await secondFactorDelete(tx, actor.id);
    return { result: undefined, audit: auditOf(actor, { secondFactor: null }) };
  },
});
