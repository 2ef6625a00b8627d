import { route } from "#lib/server/http/route";

/** GET /api/health/live — the process answers. Says nothing about the database. */
export const GET = route({
  permission: "public",
  operation: "health.live",
  summary: "The process answers",
  schemas: {},
  output: null,
  handle: () => Response.json({ status: "ok" }),
});
