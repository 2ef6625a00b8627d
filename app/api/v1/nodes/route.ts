import { NodeListPage, NodeListQuery } from "#lib/contracts/node";
import { route } from "#lib/server/http/route";
import { nodeList } from "#lib/services/node/list";

/** GET /api/v1/nodes — search, filter and page through nodes. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.list",
  summary: "Nodes, filtered and sorted, with counts per status",
  schemas: { query: NodeListQuery },
  output: NodeListPage,
  handle: (ctx, { query }) => nodeList(ctx, query),
});
