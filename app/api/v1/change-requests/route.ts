import { ChangeList, ChangeListQuery, ChangeView, ProposeChangeBody } from "#lib/contracts/change-request";
import { changeKinds } from "#lib/server/change-kinds";
import { route } from "#lib/server/http/route";
import { changeRequests } from "#lib/services/change-request/list";
import { proposeChange } from "#lib/services/change-request/propose";

/** GET /api/v1/change-requests — what waits for a second person, and what became of it. */
export const GET = route({
  permission: "change:read",
  operation: "change.list",
  summary: "Change requests, last proposed first",
  schemas: { query: ChangeListQuery },
  output: ChangeList,
  handle: (ctx, { query }) => changeRequests(ctx, query, changeKinds()),
});

/** POST /api/v1/change-requests — ask for something that needs a second person. */
export const POST = route({
  permission: "change:propose",
  idempotent: true,
  operation: "change.propose",
  summary: "Propose a change",
  schemas: { body: ProposeChangeBody },
  output: ChangeView,
  status: 201,
  handle: (ctx, { body }) => proposeChange(ctx, body, changeKinds()),
});
