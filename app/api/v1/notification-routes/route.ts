import { RoutesList, RoutesQuery, RoutesSaved, SaveRoutesBody } from "#lib/contracts/notification";
import { route } from "#lib/server/http/route";
import { routesList, saveRoutes } from "#lib/services/notification/routes";

/** GET /api/v1/notification-routes — who hears of what, by trust domain. */
export const GET = route({
  permission: "notify:read",
  operation: "notification_routes.list",
  summary: "The tree of routes of each trust domain",
  schemas: { query: RoutesQuery },
  output: RoutesList,
  handle: (ctx, { query }) => routesList(ctx, query),
});

/** PUT /api/v1/notification-routes — the whole tree of a trust domain anew. */
export const PUT = route({
  permission: "notify:manage",
  operation: "notification_routes.save",
  summary: "Save the tree of routes of a trust domain",
  schemas: { body: SaveRoutesBody },
  output: RoutesSaved,
  handle: (ctx, { body }) => saveRoutes(ctx, body),
});
