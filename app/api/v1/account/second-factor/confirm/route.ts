import { ConfirmSecondFactorBody, RecoveryCodes } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { sealer } from "#lib/server/secret";
import { confirmSecondFactor } from "#lib/services/account/second-factor";

/** POST /api/v1/account/second-factor/confirm — from now on sign-ins want a code. */
export const POST = route({
  permission: "account:own",
  operation: "account.second_factor_confirm",
  summary: "Confirm the second factor",
  schemas: { body: ConfirmSecondFactorBody },
  output: RecoveryCodes,
  handle: (ctx, { body }) => confirmSecondFactor(sealer())(ctx, body),
});
