import { GatePage, GateQuery } from "#lib/contracts/admission";
import { route } from "#lib/server/http/route";
import { gate } from "#lib/services/admission/gate";

/** GET /api/v1/admission/nodes — the nodes that match a query, each judged by what the caller requires. */
export const GET = route({
  permission: "admission:ask",
  operation: "admission.gate",
  summary: "Judge every node that matches a query, for deployment pipelines",
  schemas: { query: GateQuery },
  output: GatePage,
  handle: (ctx, { query }) => gate(ctx, query),
});
