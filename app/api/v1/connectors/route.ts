import { ConnectorList, ConnectorView, CreateConnectorBody } from "#lib/contracts/connector";
import { connectorTools } from "#lib/server/connectors";
import { route } from "#lib/server/http/route";
import { createConnector } from "#lib/services/connector/create";
import { connectorList } from "#lib/services/connector/list";

/** GET /api/v1/connectors — systems that can act on nodes, and the kinds that there are. */
export const GET = route({
  permission: "connector:read",
  operation: "connector.list",
  summary: "Connectors",
  schemas: {},
  output: ConnectorList,
  handle: (ctx) => connectorList(ctx, connectorTools()),
});

/** POST /api/v1/connectors — add a system that can act on nodes. */
export const POST = route({
  permission: "connector:manage",
  stepUp: true,
  operation: "connector.create",
  summary: "Add a connector",
  schemas: { body: CreateConnectorBody },
  output: ConnectorView,
  status: 201,
  handle: (ctx, { body }) => createConnector(ctx, connectorTools(), body),
});
