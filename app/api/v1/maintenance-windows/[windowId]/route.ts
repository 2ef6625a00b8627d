import { z } from "zod";
import { WindowDetail, WindowQuery } from "#lib/contracts/maintenance-window";
import { route } from "#lib/server/http/route";
import { maintenanceWindow } from "#lib/services/maintenance-window/list";

/** GET /api/v1/maintenance-windows/{windowId} — one window with the changes that it allowed. */
export const GET = route({
  permission: "drift:read",
  operation: "window.get",
  summary: "A maintenance window",
  schemas: { params: z.strictObject({ windowId: z.uuid() }), query: WindowQuery },
  output: WindowDetail,
  handle: (ctx, { params }) => maintenanceWindow(ctx, params),
});
