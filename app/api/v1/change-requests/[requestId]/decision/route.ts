import { z } from "zod";
import { ChangeView, DecideChangeBody } from "#lib/contracts/change-request";
import { changeKinds } from "#lib/server/change-kinds";
import { route } from "#lib/server/http/route";
import { decideChange } from "#lib/services/change-request/decide";

/** POST /api/v1/change-requests/{requestId}/decision — approve (and carry out) or deny. */
export const POST = route({
  permission: "change:decide",
  stepUp: true,
  idempotent: true,
  operation: "change.decide",
  summary: "Approve or deny a change request",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: DecideChangeBody },
  output: ChangeView,
  handle: (ctx, { params, body }) => decideChange(ctx, { ...body, ...params }, changeKinds()),
});
