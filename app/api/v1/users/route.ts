import { CreatedUser, CreateUserBody } from "#lib/contracts/user";
import { route } from "#lib/server/http/route";
import { createUser } from "#lib/services/user/create";

/** POST /api/v1/users — let a person in; a one-time password is shown once. */
export const POST = route({
  permission: "user:manage",
  operation: "user.create",
  summary: "Create a user",
  schemas: { body: CreateUserBody },
  output: CreatedUser,
  status: 201,
  handle: (ctx, { body }) => createUser(ctx, body),
});
