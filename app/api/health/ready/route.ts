import { readiness } from "#lib/server/health";
import { route } from "#lib/server/http/route";

/** GET /api/health/ready — 200 when requests can be served, else 503. */
export const GET = route({
  permission: "public",
  operation: "health.ready",
  summary: "The database answers and is migrated",
  schemas: {},
  output: null,
  async handle() {
    const { ready, ...checks } = await readiness();
    return Response.json({ status: ready ? "ok" : "unavailable", checks }, { status: ready ? 200 : 503 });
  },
});
