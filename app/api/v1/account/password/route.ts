import { ChangePasswordBody } from "#lib/contracts/account";
import { route } from "#lib/server/http/route";
import { changePassword } from "#lib/services/account/change-password";

/** POST /api/v1/account/password — set a new password; ends all other sessions. */
export const POST = route({
  permission: "account:own",
  operation: "account.change_password",
  summary: "Change one's own password",
  schemas: { body: ChangePasswordBody },
  output: null,
  status: 204,
  handle: (ctx, { body }) => changePassword(ctx, body),
});
