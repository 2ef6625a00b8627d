import { z } from "zod";
import { ReasonBody } from "#lib/contracts/identity";
import { WindowEnded } from "#lib/contracts/maintenance-window";
import { route } from "#lib/server/http/route";
import { endWindow } from "#lib/services/maintenance-window/end";

/** POST /api/v1/maintenance-windows/{windowId}/end — end a window before it is over, or withdraw it. */
export const POST = route({
  permission: "window:manage",
  operation: "window.end",
  summary: "End a maintenance window",
  schemas: { params: z.strictObject({ windowId: z.uuid() }), body: ReasonBody },
  output: WindowEnded,
  handle: (ctx, { params, body }) => endWindow(ctx, { ...body, ...params }),
});
