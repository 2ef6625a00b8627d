import { StepUpBody } from "#lib/contracts/access";
import { route } from "#lib/server/http/route";
import { sealer } from "#lib/server/secret";
import { stepUp } from "#lib/services/account/step-up";

/** POST /api/v1/account/step-up — prove once more who is there; it counts for five minutes. */
export const POST = route({
  permission: "account:own",
  operation: "session.step_up",
  summary: "Prove once more who you are",
  schemas: { body: StepUpBody },
  output: null,
  status: 204,
  handle: (ctx, { body }) => stepUp(ctx, body, sealer()),
});
