import { route } from "#lib/server/http/route";
import { exposition } from "#lib/server/metrics";

/** GET /metrics — Prometheus exposition. Public: it counts, and names nobody and nothing. */
export const GET = route({
  permission: "public",
  operation: "metrics.read",
  summary: "Figures for Prometheus",
  schemas: {},
  output: null,
  async handle() {
    const { body, contentType } = await exposition();
    return new Response(body, { headers: { "content-type": contentType } });
  },
});
