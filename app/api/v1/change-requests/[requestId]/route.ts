import { z } from "zod";
import { ChangeQuery, ChangeView } from "#lib/contracts/change-request";
import { changeKinds } from "#lib/server/change-kinds";
import { route } from "#lib/server/http/route";
import { changeGet } from "#lib/services/change-request/get";

/** GET /api/v1/change-requests/{requestId} — one request with its plan and votes. */
export const GET = route({
  permission: "change:read",
  operation: "change.get",
  summary: "One change request with its plan and votes",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), query: ChangeQuery },
  output: ChangeView,
  handle: (ctx, { params }) => changeGet(ctx, params, changeKinds()),
});
