import {
  PlanWindowBody,
  WindowList,
  WindowListQuery,
  WindowPlanned,
} from "#lib/contracts/maintenance-window";
import { route } from "#lib/server/http/route";
import { maintenanceWindows } from "#lib/services/maintenance-window/list";
import { planWindow } from "#lib/services/maintenance-window/plan";

/** GET /api/v1/maintenance-windows — what runs, what is planned, what is over. */
export const GET = route({
  permission: "drift:read",
  operation: "window.list",
  summary: "Maintenance windows",
  schemas: { query: WindowListQuery },
  output: WindowList,
  handle: (ctx, { query }) => maintenanceWindows(ctx, query),
});

/** POST /api/v1/maintenance-windows — plan one, now or ahead. */
export const POST = route({
  permission: "window:manage",
  operation: "window.plan",
  summary: "Plan a maintenance window: changes of some layers of some nodes are authorised while it runs",
  schemas: { body: PlanWindowBody },
  output: WindowPlanned,
  status: 201,
  handle: (ctx, { body }) => planWindow(ctx, body),
});
