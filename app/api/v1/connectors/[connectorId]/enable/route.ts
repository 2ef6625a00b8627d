import { ConnectorParams } from "#lib/contracts/connector";
import { route } from "#lib/server/http/route";
import { enableConnector } from "#lib/services/connector/set-disabled";

/** POST /api/v1/connectors/{connectorId}/enable — it is used again. */
export const POST = route({
  permission: "connector:manage",
  stepUp: true,
  operation: "connector.enable",
  summary: "Use a connector again",
  schemas: { params: ConnectorParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => enableConnector(ctx, params),
});
