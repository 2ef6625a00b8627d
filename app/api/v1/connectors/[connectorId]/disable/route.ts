import { ConnectorParams } from "#lib/contracts/connector";
import { route } from "#lib/server/http/route";
import { disableConnector } from "#lib/services/connector/set-disabled";

/** POST /api/v1/connectors/{connectorId}/disable — no call of it from now on, also in steps that have begun. */
export const POST = route({
  permission: "connector:manage",
  operation: "connector.disable",
  summary: "Take a connector out of use",
  schemas: { params: ConnectorParams },
  output: null,
  status: 204,
  handle: (ctx, { params }) => disableConnector(ctx, params),
});
