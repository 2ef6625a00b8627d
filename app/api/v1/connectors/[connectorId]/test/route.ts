import { ConnectorParams, ConnectorTestView } from "#lib/contracts/connector";
import { connectorTools } from "#lib/server/connectors";
import { route } from "#lib/server/http/route";
import { testConnector } from "#lib/services/connector/test";

/** Longest time for a whole test. Milliseconds. */
const TEST_MS = 30_000;

/** POST /api/v1/connectors/{connectorId}/test — is the system there, and do we have the rights? Reads only. */
export const POST = route({
  permission: "connector:manage",
  operation: "connector.test",
  summary: "Test a connector",
  schemas: { params: ConnectorParams },
  output: ConnectorTestView,
  handle: (ctx, { params, request }) =>
    testConnector(
      ctx,
      connectorTools(),
      params,
      AbortSignal.any([request.signal, AbortSignal.timeout(TEST_MS)]),
    ),
});
