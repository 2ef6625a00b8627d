import { ChangeConnectorBody, ConnectorParams, ConnectorView } from "#lib/contracts/connector";
import { connectorTools } from "#lib/server/connectors";
import { route } from "#lib/server/http/route";
import { changeConnector } from "#lib/services/connector/change";
import { connectorGet } from "#lib/services/connector/list";
import { removeConnector } from "#lib/services/connector/set-disabled";

/** GET /api/v1/connectors/{connectorId} — one connector, without its secrets. */
export const GET = route({
  permission: "connector:read",
  operation: "connector.get",
  summary: "One connector",
  schemas: { params: ConnectorParams },
  output: ConnectorView,
  handle: (ctx, { params }) => connectorGet(ctx, connectorTools(), params),
});

/** PATCH /api/v1/connectors/{connectorId} — settings are given whole, secrets anew or not at all. */
export const PATCH = route({
  permission: "connector:manage",
  stepUp: true,
  operation: "connector.change",
  summary: "Change a connector",
  schemas: { params: ConnectorParams, body: ChangeConnectorBody },
  output: ConnectorView,
  handle: (ctx, { params, body }) => changeConnector(ctx, connectorTools(), { ...params, ...body }),
});

/** DELETE /api/v1/connectors/{connectorId} — with its secrets; not while steps wait for it. */
export const DELETE = route({
  permission: "connector:manage",
  stepUp: true,
  operation: "connector.remove",
  summary: "Remove a connector",
  schemas: { params: ConnectorParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => removeConnector(ctx, params),
});
