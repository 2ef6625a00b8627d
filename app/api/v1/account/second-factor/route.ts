import { z } from "zod";
import { BegunSecondFactor } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { sealer } from "#lib/server/secret";
import { beginSecondFactor, removeSecondFactor } from "#lib/services/account/second-factor";

/** POST /api/v1/account/second-factor — make a secret for an authenticator; shown once, of no effect yet. */
export const POST = route({
  permission: "account:own",
  stepUp: true,
  operation: "account.second_factor_begin",
  summary: "Begin to set up a second factor",
  schemas: { body: z.strictObject({}) },
  output: BegunSecondFactor,
  handle: (ctx) => beginSecondFactor(sealer())(ctx, {}),
});

/** DELETE /api/v1/account/second-factor — sign in by password alone again. */
export const DELETE = route({
  permission: "account:own",
  stepUp: true,
  operation: "account.second_factor_remove",
  summary: "Remove the second factor",
  schemas: {},
  output: null,
  status: 204,
  handle: (ctx) => removeSecondFactor(ctx, {}),
});
