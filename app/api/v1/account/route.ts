import { AccountView } from "#lib/contracts/account";
import { route } from "#lib/server/http/route";
import { accountGet } from "#lib/services/account/get";

/** GET /api/v1/account — who is signed in and what they may do. */
export const GET = route({
  permission: "account:own",
  operation: "account.get",
  summary: "The signed-in person's own account",
  schemas: {},
  output: AccountView,
  handle: (ctx) => accountGet(ctx),
});
