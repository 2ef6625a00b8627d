import { PersonList } from "#lib/contracts/access";
import { CreatedUser, CreateUserBody } from "#lib/contracts/user";
import { route } from "#lib/server/http/route";
import { peopleList } from "#lib/services/access/people";
import { createUser } from "#lib/services/user/create";

/** GET /api/v1/users — who holds which role in the caller's trust domains. */
export const GET = route({
  permission: "user:read",
  operation: "user.list",
  summary: "List users and their roles",
  schemas: {},
  output: PersonList,
  handle: (ctx) => peopleList(ctx),
});

/** POST /api/v1/users — let a person in; a one-time password is shown once. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "user.create",
  summary: "Create a user",
  schemas: { body: CreateUserBody },
  output: CreatedUser,
  status: 201,
  handle: (ctx, { body }) => createUser(ctx, body),
});
