import { z } from "zod";
import { CancelChangeBody, ChangeView } from "#lib/contracts/change-request";
import { changeKinds } from "#lib/server/change-kinds";
import { route } from "#lib/server/http/route";
import { cancelChange } from "#lib/services/change-request/cancel";

/** POST /api/v1/change-requests/{requestId}/cancel — take back one's own request. */
export const POST = route({
  permission: "change:propose",
  idempotent: true,
  operation: "change.cancel",
  summary: "Cancel a change request of one's own",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: CancelChangeBody },
  output: ChangeView,
  handle: (ctx, { params, body }) => cancelChange(ctx, { ...body, ...params }, changeKinds()),
});
