import { PreviewRoutesBody, RoutesPreview } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { previewRoutes } from "#lib/services/notification/routes";

/** POST /api/v1/notification-routes/preview — where the last 50 events would have gone. */
export const POST = route({
  permission: "notify:read",
  operation: "notification_routes.preview",
  summary: "Try a tree of routes on the last 50 events",
  schemas: { body: PreviewRoutesBody },
  output: RoutesPreview,
  handle: (ctx, { body }) => previewRoutes(ctx, body),
});
